import { MAX_ANSWER_BYTES } from "../../model/exposed-size.ts";
import type { Family } from "../../model/metric.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { AnswerCache } from "./answer-cache.ts";
import type { Asked } from "./read-asked.ts";
import { createRenderer, type RenderedText, UNEXPOSED } from "./render.ts";
import { streamText } from "./text-stream.ts";

/**
 * What is known of each shard, in the order of the shards, and of the Alerter. Undefined stands for whoever was not asked,
 * or gave no answer.
 */
interface OfAll<OfShard, OfAlerter = OfShard> {
  shards: readonly (OfShard | undefined)[];
  alerter: OfAlerter | undefined;
}

/** Numbers take at most 24 bytes, and most take a few: an answer that may be this large is larger than what may be sent. */
const HOPELESS_BYTES = 2 * MAX_ANSWER_BYTES;

/** Where the numbers come from. Only those are asked that `Asked` names. */
export interface ExpositionSource {
  /** How many shards there are. */
  shards: number;
  /** The version of what `snapshots` would give, and the most bytes of its text. Must be cheap: every scrape asks. */
  states(asked: Asked): Promise<OfAll<{ version: string; mostBytes: number }, string>>;
  snapshots(asked: Asked): Promise<OfAll<Snapshot>>;
}

/** An answer of `/metrics`, or why there is none. */
export type Answer =
  | { kind: "body"; body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> }
  /** None of the shards that were asked answered. */
  | { kind: "silent" }
  /** It would have about so many bytes. */
  | { kind: "large"; bytes: number }
  /** Nobody watches these targets. */
  | { kind: "unwatched"; targets: readonly string[] };

/** How an answer is written. */
interface Written {
  openMetrics: boolean;
  gzip: boolean;
}

/** Answers questions about the metrics. */
export interface Exposition {
  answer(asked: Asked, written: Written): Promise<Answer>;
}

/**
 * Renders on demand, piece by piece as it is sent, and keeps small answers until the versions change. Two requests may do
 * the same work at the same time: a Worker must not wait for another request's promise, because that request may be
 * cancelled and the promise then never settles.
 */
export function createExposition(source: ExpositionSource, families: readonly Family[], created: boolean): Exposition {
  const text = createRenderer(families, { openMetrics: false, created: false });
  const openMetricsText = createRenderer(families, { openMetrics: true, created });
  const cache = new AnswerCache();

  return {
    async answer(asked, { openMetrics, gzip }) {
      const question = JSON.stringify([openMetrics, gzip, asked]);
      const states = await source.states(asked);
      const versions = { shards: states.shards.map((state) => state?.version), alerter: states.alerter };
      const ready = cache.get(question, versionOf(versions));
      if (ready !== undefined) return { kind: "body", body: ready };
      // Said before the numbers are read: those of a large fleet would not fit into a Worker.
      const mostBytes = states.shards.reduce((sum, state) => sum + (state?.mostBytes ?? 0), 0);
      if (mostBytes > HOPELESS_BYTES) return { kind: "large", bytes: mostBytes };

      const { shards, alerter } = await source.snapshots(asked);
      if (shards.every((shard) => shard === undefined)) return { kind: "silent" };
      const missing = unwatched(asked, shards);
      if (missing.length > 0) return { kind: "unwatched", targets: missing };
      const hasCount = asked.targets === undefined && asked.families?.includes(UNEXPOSED.name) !== false;
      const rendered = (openMetrics ? openMetricsText : text).render({ shards, single: alerter, hasCount });
      const bytes = rendered.mostBytes > MAX_ANSWER_BYTES ? bytesOf(rendered) : 0;
      if (bytes > MAX_ANSWER_BYTES) return { kind: "large", bytes };
      const version = versionOf({ shards: shards.map((s) => s?.version), alerter: alerter?.version });
      const body = streamText(rendered.pieces(), gzip, (bytes) => cache.keep(question, version, bytes));
      return { kind: "body", body };
    },
  };
}

/** How large a text is. It is written for that and thrown away: once it is being sent, it cannot be refused. */
function bytesOf({ pieces }: RenderedText): number {
  let bytes = 0;
  for (const { length } of pieces()) bytes += length;
  return bytes;
}

const versionOf = ({ shards, alerter }: OfAll<string>): string => JSON.stringify([...shards, alerter]);

/** Targets that were asked for and that no shard has; those of a shard that did not answer are not known. */
function unwatched({ targets = [], shards: asked }: Asked, shards: OfAll<Snapshot>["shards"]): string[] {
  if (asked.some((shard) => shards[shard] === undefined)) return [];
  const watched = new Set(shards.flatMap((snapshot) => snapshot?.blocks.map(({ target }) => target) ?? []));
  return targets.filter((target) => !watched.has(target));
}
