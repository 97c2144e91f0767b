import type { Family } from "../../model/metric.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { createRenderer } from "./render.ts";

/**
 * Numbers as they are shown together: of each shard, in the order of the shards, and of the Alerter. Undefined stands for
 * whoever gave no answer.
 */
interface Shown<Part> {
  shards: readonly (Part | undefined)[];
  alerter: Part | undefined;
}

/** Where the numbers come from. */
export interface ExpositionSource {
  /** Versions of what `snapshots` would give; must be cheap, since every scrape asks. */
  versions(): Promise<Shown<string>>;
  snapshots(): Promise<Shown<Snapshot>>;
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
      const { shards, alerter } = await source.snapshots();
      if (shards.every((s) => s === undefined)) return undefined;
      const version = versionOf({ shards: shards.map((s) => s?.version), alerter: alerter?.version });
      const plain = (openMetrics ? openMetricsText : text).render(shards, alerter);
      return keep(version, variant, gzip ? await compress(plain) : plain);
    },
  };
}

const versionOf = ({ shards, alerter }: Shown<string>): string => JSON.stringify([...shards, alerter]);

async function compress(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
