import { HOUR_MS, MINUTE_MS } from "../../lib/time-units.ts";
import { INSIDE_FAMILIES } from "../../model/families/inside-families.ts";
import {
  MOST_REJECTED_NAMES,
  PUSH_FAMILIES,
  PUSH_SOURCE,
  type PushAnswer,
  type PushBatch,
  type PushedMetric,
} from "../../model/probing/push.ts";
import type { ReportedMetric } from "../../model/probing/reported-metric.ts";
import { PUSHED_AT_STEP_MS } from "../../probe/kinds/push.ts";
import type { Head } from "../../store/head.ts";
import { printedLabel } from "../../store/series/series-layout.ts";
import type { SeriesTable } from "../../store/series/series-table.ts";
import { foldReported } from "../tick/fold-reported.ts";

/** As long as a process that nobody has heard of is counted whole: it comes to the same who forgot it. */
const FORGET_MS = HOUR_MS;
/** A time further ahead than this comes from a clock that is wrong; believed, it would make those of others look old. */
const CLOCK_SKEW_MS = MINUTE_MS;
/** Kinds of exceptions that are shown per target; all others are `other`. */
const MOST_KINDS = 20;

/** Data points or spans that were rejected: how many, and of which families. */
type Rejected = Omit<Extract<PushAnswer, { kind: "stored" }>, "kind">;

/** Adds a batch to its target's series; returns what was rejected, by reason. */
export function foldPush(
  head: Head,
  target: string,
  batch: PushBatch,
  { now, staleAfterMs }: { now: number; staleAfterMs: number },
): Rejected {
  const { table } = head;
  const rejected: Record<string, number> = {};
  const names: Record<string, string[]> = {};
  let taken = batch.passed;
  let repeats = 0;
  const bySource = new Map<string, PushedMetric[]>();
  for (const pushed of batch.metrics) {
    taken += pushed.points;
    if (pushed.id !== undefined && !head.recentIds.add(target, pushed.id)) {
      repeats++;
      continue;
    }
    const reported = bySource.get(pushed.metricSource) ?? [];
    reported.push(pushed);
    bySource.set(pushed.metricSource, reported);
  }
  const bound = kindBound(table, target);
  for (const [metricSource, reported] of bySource) {
    const points = new Map(reported.map(({ metric, points }) => [bound(withBelievableTimes(metric, now)), points]));
    foldReported(head, {
      target,
      metricSource,
      source: PUSH_SOURCE.source,
      metrics: [...points.keys()],
      now,
      // Several processes may share a name, and a repeated export may arrive after the next one.
      ordered: false,
      complete: isComplete(head, target, metricSource, [...points.keys()], now),
      gaugesUntil: now + staleAfterMs,
      forgetAt: now + FORGET_MS,
      onRepeated: () => void repeats++,
      onRefused: (metric, why) => {
        const lost = points.get(metric) ?? 0;
        taken -= lost;
        if (lost === 0) return;
        rejected[why] = (rejected[why] ?? 0) + lost;
        const known = names[why] ?? [];
        names[why] = known;
        if (known.length < MOST_REJECTED_NAMES && !known.includes(metric.family)) known.push(metric.family);
      },
    });
  }
  countTaken(table, target, batch.signal, { taken, repeats }, now);
  for (const refused of [batch.rejected, rejected]) countRefusals(head, target, refused, now);
  const { pushedAt = 0 } = head.memories.get(target);
  if (batch.metrics.length + batch.passed > 0 && now - pushedAt >= PUSHED_AT_STEP_MS)
    head.memories.note(target, { pushedAt: now }, now);
  return { rejected, names };
}

/**
 * Whether a process has reported all of its totals, so that a total that it reports later for the first time is new and
 * counts entirely: SDKs start all totals with the process. Not so after the first report of an old process, because its
 * next report may be the rest of the same export.
 */
function isComplete(
  head: Head,
  target: string,
  metricSource: string,
  metrics: readonly ReportedMetric[],
  now: number,
): boolean {
  const totals = metrics.filter(({ temporality }) => temporality === "total");
  if (totals.length === 0) return false;
  if (head.reportedTotals.metricSource(target, metricSource) !== undefined) return true;
  const began = head.table.blocks.get(target)?.createdAt ?? now;
  const known = Math.max(began, head.reportedTotals.cutoff(target), now - FORGET_MS);
  return totals.every(({ since, unknownStart }) => since !== undefined && unknownStart !== true && since > known);
}

/** Times that are ahead of ours are unknown times. */
function withBelievableTimes(metric: ReportedMetric, now: number): ReportedMetric {
  const { since, at, ...rest } = metric;
  const isBelievable = (time: number | undefined): time is number => time !== undefined && time <= now + CLOCK_SKEW_MS;
  return { ...rest, ...(isBelievable(since) ? { since } : {}), ...(isBelievable(at) ? { at } : {}) };
}

function countTaken(
  table: SeriesTable,
  target: string,
  signal: PushBatch["signal"],
  { taken, repeats }: { taken: number; repeats: number },
  now: number,
): void {
  const see = (family: string, labels: Record<string, string>, value: number): void =>
    table.observe(target, { family, labels, value }, now);
  see(PUSH_FAMILIES.points.name, { signal }, taken);
  see(PUSH_FAMILIES.repeats.name, {}, repeats);
}

/** Counts rejections, by reason. */
export function countRefusals(
  { table }: Pick<Head, "table">,
  target: string,
  refused: Readonly<Record<string, number>>,
  now: number,
): void {
  for (const [reason, value] of Object.entries(refused))
    table.observe(target, { family: PUSH_FAMILIES.rejected.name, labels: { reason }, value }, now);
}

/** Limits the kinds of exceptions, because senders may invent any. */
function kindBound(table: SeriesTable, target: string): (metric: ReportedMetric) => ReportedMetric {
  const family = INSIDE_FAMILIES.exceptions.name;
  const columns = table.blocks.get(target)?.layout.columns ?? [];
  const kinds = new Set(
    columns.flatMap((c) =>
      c.family === family && printedLabel(c.labels, "source") === PUSH_SOURCE.source
        ? [printedLabel(c.labels, "kind") ?? ""]
        : [],
    ),
  );
  return (metric) => {
    if (metric.family !== family) return metric;
    const kind = metric.labels["kind"] ?? "";
    if (!kinds.has(kind) && kinds.size < MOST_KINDS) kinds.add(kind);
    return kinds.has(kind) ? metric : { ...metric, labels: { ...metric.labels, kind: "other" } };
  };
}
