import type { Severity } from "./alert.ts";
import type { Matcher } from "./matcher.ts";
import type { State } from "./verdict.ts";

/** Series of a family; only labels of the family can be matched. */
export interface Selector {
  family: string;
  matchers?: readonly Matcher[];
}

export type Comparison = ">" | ">=" | "<" | "<=";

/**
 * When a rule holds, for each set of values of its `by` labels. Windows in ms: whole minutes, at most `MAX_WINDOW_MS`.
 * Counters are read as the plain difference over the window (ours never go down), and printed so: Prometheus' `increase`
 * extrapolates, and the two would disagree. Series of a group are added up unless the kind says otherwise.
 */
export type Condition =
  /** A gauge now; a group's series are joined by `aggregate`. */
  | { kind: "threshold"; metric: Selector; aggregate: "max" | "min" | "sum" | "avg"; op: Comparison; value: number }
  /** One gauge over another now; a denominator of 0 or below says nothing. */
  | { kind: "quotient"; numerator: Selector; denominator: Selector; op: Comparison; value: number }
  /** Difference of one counter over that of another; `minCount`: the least denominator that says anything. */
  | {
      kind: "ratio";
      numerator: Selector;
      denominator: Selector;
      windowMs: number;
      op: Comparison;
      value: number;
      minCount: number;
    }
  /** A quantile (0 to 1) of a histogram's observations in the window, interpolated as `histogram_quantile` does. */
  | {
      kind: "quantile";
      histogram: Selector;
      quantile: number;
      windowMs: number;
      op: Comparison;
      value: number;
      minCount: number;
    }
  /** How much a gauge has grown over the window, while above `floor`. */
  | { kind: "growth"; gauge: Selector; windowMs: number; op: Comparison; value: number; floor: number }
  /** Difference of a counter over the window. */
  | { kind: "rate"; counter: Selector; windowMs: number; op: Comparison; value: number }
  /**
   * A gauge's distance from its own exponentially weighted mean, in weighted standard deviations, or in twentieths of
   * the mean where those are larger: a steady gauge that moves a little is no anomaly. Its labels are `BASELINE_LABELS`.
   */
  | { kind: "anomaly"; metric: Selector; baselineMs: number; deviations: number; minSamples: number }
  /** Error budget burn: both windows of any row above `factor` times the budget, and `minFailures` in the long one. */
  | {
      kind: "burn";
      errors: Selector;
      total: Selector;
      /** Objective, such as 0.995. */
      objective: number;
      windows: readonly { longMs: number; shortMs: number; factor: number; minFailures: number }[];
    }
  /** The newest of a group's `_timestamp_seconds` gauges is older than this; one without a value is not stale. */
  | { kind: "staleness"; timestamp: Selector; olderThanMs: number }
  /** What is believed of a target or probe; `down` is read from the open incident, so that `unknown` ends nothing. */
  | { kind: "verdict"; of: "target" | "probe"; state: Exclude<State, "up"> };

/** The longest window: so long the Monitor keeps what its counters did minute by minute. */
export const MAX_WINDOW_MS = 3 * 86_400_000;

/** Labels that the `by` of an anomaly rule can have: those of the gauges that show its baseline. */
export const BASELINE_LABELS = ["target", "probe", "vantage", "source", "pool", "value"] as const;

/** What is different for some series of a rule. */
export interface RuleOverride {
  /** On the alert's `by` labels and on the target's own labels of `watch.yaml`; all must match. */
  matchers: readonly Matcher[];
  /** The condition's number instead: `value`, `deviations`, `objective`, or `olderThanMs`. A verdict has none. */
  value?: number;
  severity?: Severity;
  /** The rule does not hold for them at all. */
  off?: true;
}

/** A rule, written once: evaluated in the Monitor and printed as PromQL. */
export interface Rule {
  /** The alert's name: CamelCase, and where the rule is shipped its first word is `Zako`. */
  name: string;
  severity: Severity;
  condition: Condition;
  /** Labels that stay on the alert; every family of the condition has them. With `target` wherever the family has it. */
  by: readonly string[];
  /** How long the condition must hold before the alert fires. */
  forMs: number;
  /** How long the alert goes on firing after the condition has ended. */
  keepFiringForMs: number;
  /** One sentence, the same for all alerts of the rule. */
  summary: string;
  /** Template: `{{ $labels.NAME }}`, `{{ $value }}` with the pipes `humanizePercentage`, `humanizeDuration`, `humanize1024`. */
  description: string;
  /** Slug of its runbook page, served at `/runbooks/SLUG`, or an absolute https URL; absent: none is written. */
  runbook?: string;
  /** Who pages for it; the other side only shows it. On both sides' alerts as the label `pager`. */
  pager: "edge" | "prometheus";
  /** Further labels of the alert. */
  labels?: Readonly<Record<string, string>>;
  /** What is different for some series; the first that matches counts. From `watch.yaml`. */
  overrides?: readonly RuleOverride[];
}
