import { INSIDE_FAMILIES } from "../families/inside-families.ts";
import { ZAKO_FAMILIES } from "../families/zako-families.ts";
import type { Family } from "../metric.ts";
import type { ImportedFamily, ReportedMetric } from "./reported-metric.ts";

/** What OTLP/HTTP receives: data points of metrics, or spans. */
export type PushSignal = "metrics" | "traces";

/** Label that keeps what was pushed apart from what was probed or scraped. */
export const PUSH_SOURCE = { source: "push" } as const;

/** A reading that was pushed. */
export interface PushedMetric {
  metric: ReportedMetric;
  /** Who told it, within its target: one process, as far as the sender says so. */
  metricSource: string;
  /** Data points or spans that went into it; 0 where the span is counted elsewhere. */
  points: number;
  /** Present on deltas: names the addition, so that an export that is sent again is not counted again. */
  id?: string;
}

/** Readings that one export may come to: twenty times the SDKs' default batch of spans. */
export const MAX_PUSHED_METRICS = 10_000;

/** One export, decoded and mapped. */
export interface PushBatch {
  signal: PushSignal;
  metrics: readonly PushedMetric[];
  /** Data points or spans that were refused before, by reason. */
  rejected: Readonly<Record<string, number>>;
  /** Data points or spans that were taken and tell nothing that is counted: spans without a family. */
  passed: number;
}

/** What became of a batch. `limited`: nothing was kept, and the same may be sent again after a while. */
export type PushAnswer =
  | { kind: "stored"; rejected: Readonly<Record<string, number>> }
  | { kind: "unknown_target" }
  | { kind: "limited"; retryAfterMs: number };

/** Families about our own canaries, which nobody else can tell. */
const OURS_ALONE: ReadonlySet<string> = new Set([ZAKO_FAMILIES.canaryRetention.name]);

/** Families that a push may feed beside imported ones. */
export const PUSHABLE_FAMILIES: readonly Family[] = [
  ...Object.values(INSIDE_FAMILIES),
  ...Object.values(ZAKO_FAMILIES),
].filter(({ name }) => !OURS_ALONE.has(name));

/** Where a metric goes, by the Prometheus form of its name; an import goes before a family of ours of the same name. */
export function pushableByName(imports: readonly ImportedFamily[]): ReadonlyMap<string, PushableFamily> {
  const own = PUSHABLE_FAMILIES.map((family): [string, PushableFamily] => [family.name, { family, own: true }]);
  const others = imports.map(({ family, from }): [string, PushableFamily] => [from, { family, own: false }]);
  return new Map([...own, ...others]);
}

/** A family that a push may feed. */
export interface PushableFamily {
  family: Family;
  /** One of ours: all of its labels must be told. An import's labels are empty where they are not. */
  own: boolean;
}

/** Families of ours whose `probes.push` counts what was pushed. */
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
