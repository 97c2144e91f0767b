import type { PushBatch, PushedMetric, PushSignal } from "../../model/probing/push.ts";
import { shortName } from "./attributes.ts";

/**
 * Why points, spans and requests are refused. `name`: not a family that a push may feed. `type`: not the family's type.
 * `temporality`: neither delta nor cumulative, or a delta of something that is not a sum. `unsupported`: exponential
 * histograms and summaries. `labels`: one is missing or too long. `value`: not a number, infinite, or negative where that
 * is impossible. `buckets`: bounds that do not rise, counts that do not fit them, or different bounds in one sum.
 * `collision`: gauges that differ only in attributes without a label. `time`: a span that ends before it starts, or
 * without ids.
 */
const PUSH_REFUSALS = [
  "name",
  "type",
  "temporality",
  "unsupported",
  "labels",
  "value",
  "buckets",
  "collision",
  "time",
] as const;
export type PushRefusal = (typeof PUSH_REFUSALS)[number];

/** The accepted metrics and the refusals of one export. */
export class PushCounts {
  readonly #signal: PushSignal;
  readonly #metrics: PushedMetric[] = [];
  readonly #rejected = new Map<string, number>();
  /** Metrics that more points may join. */
  readonly joinable = new Map<string, { points: number; metric: PushedMetric["metric"] }>();
  passed = 0;
  readonly #said = new Map<string, number>();

  constructor(signal: PushSignal) {
    this.#signal = signal;
  }

  refuse(reason: PushRefusal, points: number): void {
    if (points > 0) this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + points);
  }

  /** An id for an addition; points that look the same within one export are numbered, since each of them counts. */
  idOf(said: string): string {
    const name = shortName(said);
    const before = this.#said.get(name) ?? 0;
    this.#said.set(name, before + 1);
    return before === 0 ? name : shortName(`${said}\n${before}`);
  }

  add(metric: PushedMetric): void {
    this.#metrics.push(metric);
  }

  batch(): PushBatch {
    return {
      signal: this.#signal,
      metrics: this.#metrics,
      rejected: Object.fromEntries(this.#rejected),
      passed: this.passed,
    };
  }
}
