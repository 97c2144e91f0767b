import { DAY_MS } from "../../lib/time-units.ts";
import type { Severity } from "./alert.ts";
import type { Matcher } from "./matcher.ts";

/** Selects series of a family. Matchers may only use labels of the family. */
export interface Selector {
  family: string;
  matchers?: readonly Matcher[];
}

export type Comparison = ">" | ">=" | "<" | "<=";

/**
 * When a rule holds, for each set of values of its `by` labels. Further fields depend on the kind: see
 * `evaluate/rules/kinds`, where `Condition` is the union of them all. Windows are in ms: whole minutes, at most
 * `MAX_WINDOW_MS`. Counters are evaluated as the plain difference over the window (ours never go down), and printed that
 * way, because Prometheus' `increase` extrapolates and would disagree. Series of a group are summed unless the kind says
 * otherwise.
 */
export interface AnyCondition {
  kind: string;
  /** The lookback window, for kinds that have exactly one. */
  windowMs?: number;
}

/** The longest window: so long the Monitor keeps what its counters did minute by minute. */
export const MAX_WINDOW_MS = 3 * DAY_MS;

/** Labels allowed in `by` of an anomaly rule: those of the gauges that expose its baseline. */
export const BASELINE_LABELS = ["target", "probe", "vantage", "source", "pool", "value"] as const;

/** Changes a rule for some of its series. */
export interface RuleOverride {
  /** On the alert's `by` labels and on the target's own labels of `watch.yaml`; all must match. */
  matchers: readonly Matcher[];
  /** Replaces the threshold; only for kinds that have one. */
  value?: number;
  severity?: Severity;
  /** The rule is disabled for these series. */
  off?: true;
}

/** A rule, written once: evaluated in the Monitor and printed as PromQL. */
export interface Rule<C extends AnyCondition = AnyCondition> {
  /** The alert's name in CamelCase; names of shipped rules start with `Zako`. */
  name: string;
  severity: Severity;
  condition: C;
  /** Labels kept on the alert. Every family of the condition has them. Includes `target` if the families have it. */
  by: readonly string[];
  /** How long the condition must hold before the alert fires. */
  forMs: number;
  /** How long the alert keeps firing after the condition has ended. */
  keepFiringForMs: number;
  /** What is wrong, as a title; a template like `description`. */
  summary: string;
  /** Template: `{{ $labels.NAME }}`, `{{ $value }}` with the pipes `humanizePercentage`, `humanizeDuration`, `humanize1024`. */
  description: string;
  /** Probes whose runs are the alert's evidence, where neither `by` nor the condition's matchers name them. */
  probes?: readonly string[];
  /** Slug of its runbook page, served at `/runbooks/SLUG`, or an absolute https URL; absent: none is written. */
  runbook?: string;
  /** Which side pages for it; the other side only shows it. Set as the label `pager` on both sides' alerts. */
  pager: "edge" | "prometheus";
  /** Additional labels of the alert. */
  labels?: Readonly<Record<string, string>>;
  /** Overrides from `watch.yaml`; the first that matches applies. */
  overrides?: readonly RuleOverride[];
}
