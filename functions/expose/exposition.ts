import type { Family } from "../model/metric.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { createRenderer } from "./render.ts";

/** Where the numbers come from. Both lists have an entry per shard in the order of the shards, undefined if it is silent. */
export interface ExpositionSource {
  /** Versions of what `snapshots` would give; must be cheap, since every scrape asks. */
  versions(): Promise<readonly (string | undefined)[]>;
  snapshots(): Promise<readonly (Snapshot | undefined)[]>;
}

/** A body that can be sent as it is. */
export interface Exposition {
  /** The body, or undefined when no shard answered. */
  body(openMetrics: boolean, gzip: boolean): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/**
 * Renders on demand and keeps what was asked for (text or OpenMetrics, plain or compressed) until the versions change.
 * Two requests may do the same work at the same time: a Worker must not wait for another request's promise, because
 * that request may be cancelled and the promise then never settles.
 */
export function createExposition(source: ExpositionSource, families: readonly Family[], created: boolean): Exposition {
  const text = createRenderer(families, { openMetrics: false, created: false });
  const openMetricsText = createRenderer(families, { openMetrics: true, created });
  let keptFor = "";
  const kept = new Map<string, Uint8Array<ArrayBuffer>>();

  const keep = (version: string, variant: string, body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
    if (version !== keptFor) {
      kept.clear();
      keptFor = version;
    }
    kept.set(variant, body);
    return body;
  };

  return {
    async body(openMetrics, gzip) {
      const variant = `${openMetrics}/${gzip}`;
      const ready = keptFor === versionOf(await source.versions()) ? kept.get(variant) : undefined;
      if (ready !== undefined) return ready;
      const snapshots = await source.snapshots();
      if (snapshots.every((s) => s === undefined)) return undefined;
      const version = versionOf(snapshots.map((s) => s?.version));
      const plain = (openMetrics ? openMetricsText : text).render(snapshots);
      return keep(version, variant, gzip ? await compress(plain) : plain);
    },
  };
}

const versionOf = (versions: readonly (string | undefined)[]): string => JSON.stringify(versions.map((v) => v ?? null));

async function compress(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
