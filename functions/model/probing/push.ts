import { INSIDE_FAMILIES } from "../families/inside-families.ts";
import { ZAKO_FAMILIES } from "../families/zako-families.ts";
import type { Family } from "../metric.ts";
import type { ImportedFamily, ReportedMetric } from "./reported-metric.ts";

/** What OTLP/HTTP receives: data points of metrics, or spans. */
export type PushSignal = "metrics" | "traces";

/** Separates pushed series from probed and scraped ones. */
export const PUSH_SOURCE = { source: "push" } as const;

/** A pushed metric. */
export interface PushedMetric {
  metric: ReportedMetric;
  /** The source within its target: one process, as far as the sender identifies it. */
  metricSource: string;
  /** Data points or spans that it contains; 0 if the span is counted elsewhere. */
  points: number;
  /** Present on deltas: identifies the increment, so that a repeated export is not counted twice. */
  id?: string;
}

/** Most metrics in one export: twenty times the SDKs' default batch of spans. */
export const MAX_PUSHED_METRICS = 10_000;

/** One export, decoded and mapped. */
export interface PushBatch {
  signal: PushSignal;
  metrics: readonly PushedMetric[];
  /** Data points or spans that decoding rejected, by reason. */
  rejected: Readonly<Record<string, number>>;
  /** Data points or spans that were accepted but feed no family, such as spans without a rule. */
  passed: number;
}

/** Names of what was rejected, by reason: the first few of each. */
type RejectedNames = Readonly<Record<string, readonly string[]>>;
/** Most names per reason that a sender is told. */
export const MOST_REJECTED_NAMES = 3;

/** What only the sender is told of its export. */
export interface PushNotes {
  names: RejectedNames;
  /** What was accepted and may not be what the sender means. */
  warnings: readonly string[];
}

/** Result of a batch. `limited`: nothing was stored, and the sender may retry later. */
export type PushAnswer =
  | { kind: "stored"; rejected: Readonly<Record<string, number>>; names: RejectedNames }
  | { kind: "unknown_target" }
  | { kind: "limited"; retryAfterMs: number };

/** Families about our own canaries, which only probes can feed. */
const OURS_ALONE: ReadonlySet<string> = new Set([ZAKO_FAMILIES.canaryRetention.name]);

/** Families that a push may feed, in addition to imported ones. */
export const PUSHABLE_FAMILIES: readonly Family[] = [
  ...Object.values(INSIDE_FAMILIES),
  ...Object.values(ZAKO_FAMILIES),
].filter(({ name }) => !OURS_ALONE.has(name));

/** The family for a metric, by the Prometheus form of its name. An import takes precedence over a family of ours of the same name. */
export function pushableByName(imports: readonly ImportedFamily[]): ReadonlyMap<string, PushableFamily> {
  const own = PUSHABLE_FAMILIES.map((family): [string, PushableFamily] => [family.name, { family, own: true }]);
  const others = imports.map(({ family, from }): [string, PushableFamily] => [from, { family, own: false }]);
  return new Map([...own, ...others]);
}

/** A family that a push may feed. */
export interface PushableFamily {
  family: Family;
  /** One of our families: all of its labels are required. Missing labels of an import are empty. */
  own: boolean;
}

/** Families about pushes themselves. */
export const PUSH_FAMILIES = {
  points: {
    name: "zako_watch_push_points_total",
    type: "counter",
    help: "Data points and spans pushed for the target and accepted, by signal.",
    labels: ["target", "signal"],
  },
  rejected: {
    name: "zako_watch_push_rejected_total",
    type: "counter",
    help: "Data points, spans and whole requests pushed for the target and rejected, by reason; a reason appears with its first rejection.",
    labels: ["target", "reason"],
  },
  repeats: {
    name: "zako_watch_push_repeats_total",
    type: "counter",
    help: "Spans and deltas pushed again for the target, which were not counted again.",
    labels: ["target"],
  },
} as const satisfies Record<string, Family>;
