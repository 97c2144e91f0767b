import type { Severity } from "./alert.ts";
import type { Matcher } from "./matcher.ts";

/** Series of a family; only labels of the family can be matched. */
export interface Selector {
  family: string;
  matchers?: readonly Matcher[];
}

export type Comparison = ">" | ">=" | "<" | "<=";

/**
 * When a rule holds, for each set of values of its `by` labels. What else a condition has depends on its kind: see
 * `evaluate/rules/kinds`, where `Condition` is the union of them all. Windows in ms: whole minutes, at most
 * `MAX_WINDOW_MS`. Counters are read as the plain difference over the window (ours never go down), and printed so:
 * Prometheus' `increase` extrapolates, and the two would disagree. Series of a group are added up unless the kind says
 * otherwise.
 */
export interface AnyCondition {
  kind: string;
  /** The window that it looks back on, for kinds that have exactly one. */
  windowMs?: number;
}

/** The longest window: so long the Monitor keeps what its counters did minute by minute. */
export const MAX_WINDOW_MS = 3 * 86_400_000;

/** Labels that the `by` of an anomaly rule can have: those of the gauges that show its baseline. */
export const BASELINE_LABELS = ["target", "probe", "vantage", "source", "pool", "value"] as const;

/** What is different for some series of a rule. */
export interface RuleOverride {
  /** On the alert's `by` labels and on the target's own labels of `watch.yaml`; all must match. */
  matchers: readonly Matcher[];
  /** Instead of the number of the condition; only for kinds that have one. */
  value?: number;
  severity?: Severity;
  /** The rule does not hold for them at all. */
  off?: true;
}

/** A rule, written once: evaluated in the Monitor and printed as PromQL. */
export interface Rule<C extends AnyCondition = AnyCondition> {
  /** The alert's name: CamelCase, and where the rule is shipped its first word is `Zako`. */
  name: string;
  severity: Severity;
  condition: C;
  /** Labels that stay on the alert; every family of the condition has them. With `target` wherever the family has it. */
  by: readonly string[];
  /** How long the condition must hold before the alert fires. */
  forMs: number;
  /** How long the alert goes on firing after the condition has ended. */
  keepFiringForMs: number;
  /** What is wrong, as a title; a template like `description`. */
  summary: string;
  /** Template: `{{ $labels.NAME }}`, `{{ $value }}` with the pipes `humanizePercentage`, `humanizeDuration`, `humanize1024`. */
  description: string;
  /** Probes whose runs are the alert's evidence, where neither `by` nor the condition's matchers name them. */
  probes?: readonly string[];
  /** Slug of its runbook page, served at `/runbooks/SLUG`, or an absolute https URL; absent: none is written. */
  runbook?: string;
  /** Who pages for it; the other side only shows it. On both sides' alerts as the label `pager`. */
  pager: "edge" | "prometheus";
  /** Further labels of the alert. */
  labels?: Readonly<Record<string, string>>;
  /** What is different for some series; the first that matches counts. From `watch.yaml`. */
  overrides?: readonly RuleOverride[];
}
