import {
  MOST_REJECTED_NAMES,
  type PushBatch,
  type PushedMetric,
  type PushNotes,
  type PushSignal,
} from "../../model/probing/push.ts";

/**
 * Why points, spans and requests are refused. `name`: not a family that a push may feed. `type`: not the family's type.
 * `temporality`: neither delta nor cumulative, or a delta of something that is not a sum. `unsupported`: summaries. `labels`: one is missing or too long. `value`: not a number, infinite, or negative where that
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

/** Most warnings that a sender is told at once. */
const MOST_WARNINGS = 3;

/** A metric with the time at which it was measured (0: unknown). Points of one request are taken in this order. */
type TimedMetric = PushedMetric & { measuredNanos?: bigint };

/** The accepted metrics and the refusals of one export. */
export class PushCounts {
  readonly #signal: PushSignal;
  readonly #metrics: TimedMetric[] = [];
  readonly #rejected = new Map<string, number>();
  readonly #names = new Map<string, Set<string>>();
  readonly #warnings = new Map<string, string>();
  /** The stream that each gauge shows. */
  readonly #gauges = new Map<string, string | undefined>();
  passed = 0;

  constructor(signal: PushSignal) {
    this.#signal = signal;
  }

  /** `name`: the metric or span, as its sender calls it. */
  refuse(reason: PushRefusal, points: number, name: string): void {
    if (points <= 0) return;
    this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + points);
    const names = this.#names.get(reason) ?? new Set();
    if (names.size < MOST_REJECTED_NAMES) this.#names.set(reason, names.add(name));
  }

  /** Says something of a metric that is accepted, once. */
  warn(name: string, text: string): void {
    if (this.#warnings.size < MOST_WARNINGS) this.#warnings.set(name, text);
  }

  notes(): PushNotes {
    const names = Object.fromEntries([...this.#names].map(([reason, of]) => [reason, [...of]]));
    return { names, warnings: [...this.#warnings].map(([name, text]) => `${name}: ${text}`) };
  }

  add(metric: TimedMetric): void {
    this.#metrics.push(metric);
  }

  /**
   * Adds a gauge. Those that only attributes without a label tell apart would be one series here: the first one stands,
   * because gauges cannot be summed.
   */
  addGauge(pushed: TimedMetric): PushRefusal | undefined {
    const { family, labels, stream } = pushed.metric;
    const key = JSON.stringify([pushed.metricSource, family, ...Object.values(labels)]);
    if (this.#gauges.has(key) && this.#gauges.get(key) !== stream) return "collision";
    this.#gauges.set(key, stream);
    this.add(pushed);
    return undefined;
  }

  batch(): PushBatch {
    return {
      signal: this.#signal,
      metrics: this.#metrics.sort(byTime).map(({ measuredNanos: _, ...metric }) => metric),
      rejected: Object.fromEntries(this.#rejected),
      passed: this.passed,
    };
  }
}

/** Senders that batch may put a newer point before an older one. What has no time is taken last, in the order it came. */
function byTime(a: TimedMetric, b: TimedMetric): number {
  const [x, y] = [a.measuredNanos ?? 0n, b.measuredNanos ?? 0n];
  if (x === y) return (a.metric.since ?? 0) - (b.metric.since ?? 0);
  if (x === 0n || y === 0n) return x === 0n ? 1 : -1;
  return x < y ? -1 : 1;
}
