import type { PushBatch, PushedMetric, PushSignal } from "../../model/probing/push.ts";
import { shortName } from "./attributes.ts";

/**
 * Why points, spans and requests are refused. `name`: no family that a push may feed. `type`: not what the family is made of.
 * `temporality`: neither delta nor cumulative, or a delta of something that is no sum. `unsupported`: exponential
 * histograms and summaries. `labels`: one is missing or too long. `value`: no number, infinite, or negative where that
 * cannot be. `buckets`: bounds that do not rise, counts that do not fit them, or bounds that differ among what is summed.
 * `collision`: gauges that only attributes without a label tell apart. `time`: a span that ends before it begins, or
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

/** What one export comes to, as it is put together. */
export class PushTally {
  readonly #signal: PushSignal;
  readonly #metrics: PushedMetric[] = [];
  readonly #rejected = new Map<string, number>();
  /** Readings that more points may join. */
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
