/** What a family's samples are. A histogram's buckets are upper bounds in the family's base unit, without `+Inf`. */
type FamilyShape =
  | { type: "counter" }
  | { type: "gauge" }
  /** One series per state, exactly one of them 1. The state's label has the family's own name. */
  | { type: "stateset"; states: readonly string[] }
  | { type: "histogram"; buckets: readonly number[] };

/** A metric family. Names follow Prometheus: base unit, `_total` on counters. */
export type Family = FamilyShape & {
  name: string;
  /** One sentence, ends with a period. */
  help: string;
  /** Label names in the order they are printed. `target` comes first wherever it is present. */
  labels: readonly string[];
  /**
   * What `metrics.detail: standard` shows of it, beside what rules in force read. A list: only these bounds of the
   * histogram, and `+Inf`, `_count` and `_sum`. `hidden`: nothing, except what targets report. Absent: everything.
   */
  standard?: "hidden" | readonly number[];
};

/** Values for a family's labels except `target`, by label name. */
export type Labels = Readonly<Record<string, string>>;

/**
 * A value for one series of the sample's target: a counter adds it, a gauge is set to it, a histogram counts it.
 * Values are in the family's base unit (seconds, bytes, ratio).
 */
export interface Observation {
  family: string;
  labels: Labels;
  value: number;
}

/** Bucket bounds for durations, in seconds; the canonical Prometheus list with finer steps for answers on a LAN. */
export const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
