import { addedSince, type Total } from "../../evaluate/reported/added-since.ts";
import { isPlausibleStep } from "../../evaluate/reported/plausible-step.ts";
import { rebucket } from "../../evaluate/reported/rebucket.ts";
import { fnv1a } from "../../lib/fnv1a.ts";
import { HOUR_MS } from "../../lib/time-units.ts";
import type { Family, Labels } from "../../model/metric.ts";
import type { ReportedMetric } from "../../model/probing/reported-metric.ts";
import type { Head } from "../../store/head.ts";
import type { SeriesTable } from "../../store/series/series-table.ts";
import type { Accepted, Refuse, Report } from "./report.ts";

/** A process that nobody has heard of is counted whole where it is not older than this. */
const YOUNG_MS = HOUR_MS;

/** Matches no configuration. */
const INCOMPLETE = -1;

/**
 * Adds what is new in the totals of a report to the target's series. Each stream of a source is compared with its own last
 * total, because one request may hold some of them, or several points of one.
 */
export function foldTotals(head: Head, report: Report, totals: readonly Accepted[], refuse: Refuse): void {
  const { target, metricSource, now, ordered, complete, forgetAt } = report;
  const { table, reportedTotals } = head;
  const known = reportedTotals.metricSource(target, metricSource);
  const config = fnv1a(head.meta.configHash);
  const began = table.blocks.get(target)?.createdAt ?? now;
  const lastSeenAt = known?.lastSeenAt ?? Math.max(began, reportedTotals.cutoff(target), now - YOUNG_MS);
  const latestStart = totals.reduce((at, { metric }) => Math.max(at, metric.since ?? 0), known?.latestStart ?? 0);
  const completeUnder = complete ? config : INCOMPLETE;
  reportedTotals.keep(target, metricSource, { lastSeenAt: now, completeUnder, latestStart, forgetAt });
  const haveRoom = reportedTotals.widen(
    target,
    metricSource,
    totals.map(({ metric }) => metric),
    now,
  );

  for (const [i, { metric, family }] of totals.entries()) {
    if (haveRoom[i] !== true) {
      refuse(metric, "series");
      continue;
    }
    const stored = reportedTotals.total(target, metricSource, metric, now);
    const was = storedTotal(stored);
    const total = totalOf(metric, family);
    const wholeIsNew = known?.completeUnder === config || (total.since !== undefined && total.since > lastSeenAt);
    const added = addedSince(was, total, { ordered, lastSeenAt, wholeIsNew });
    if (added.kind === "stale") {
      refuse(metric, "out_of_order");
      continue;
    }
    // The known total stays: the next one may be right again.
    if (added.kind === "added" && !isPlausibleStep(family, added, elapsedMs(now, lastSeenAt, was, total))) {
      refuse(metric, "implausible");
      continue;
    }
    if (isRepeat(was, total)) report.onRepeated?.();
    const start = total.since ?? keptStart(was, total) ?? UNKNOWN_START;
    stored.set([start, total.at ?? 0, ...total.counts, total.sum].slice(0, stored.length));
    if (added.kind === "added") addTotal(table, target, family, metric.labels, added, now);
    else if (was !== undefined) refuse(metric, "out_of_order");
  }
}

/** How long a total has had to grow: since it was last known, or since it began. */
const elapsedMs = (now: number, lastSeenAt: number, was: Total | undefined, { since }: Total): number =>
  now - Math.min(lastSeenAt, was?.at ?? now, was === undefined ? (since ?? now) : now);

/** Stands for a start that is not reported. */
const UNKNOWN_START = 1;

function storedTotal([start = 0, at = 0, ...numbers]: Float64Array): Total | undefined {
  if (start === 0) return undefined;
  const counts = numbers.length === 1 ? numbers : numbers.slice(0, -1);
  return {
    counts,
    sum: numbers.length === 1 ? 0 : (numbers.at(-1) as number),
    ...(start === UNKNOWN_START ? {} : { since: start }),
    ...(at === 0 ? {} : { at }),
  };
}

/** Whether a total is the very point that came last. */
const isRepeat = (was: Total | undefined, now: Total): boolean =>
  was?.at !== undefined &&
  was.at === now.at &&
  was.since === now.since &&
  was.sum === now.sum &&
  was.counts.every((count, i) => count === now.counts[i]);

/** The known start of a total reported without one, if it has not restarted. */
const keptStart = (was: Total | undefined, now: Total): number | undefined =>
  now.counts.some((count, i) => count < (was?.counts[i] ?? 0)) ? undefined : was?.since;

/** A reported value in our buckets. */
export function totalOf({ value, since, at, unknownStart }: ReportedMetric, family: Family): Total {
  const times = {
    ...(since === undefined || !(since > UNKNOWN_START) ? {} : { since }),
    ...(at === undefined ? {} : { at }),
    ...(unknownStart === undefined ? {} : { unknownStart }),
  };
  if (typeof value === "number") return { counts: [value], sum: 0, ...times };
  return { counts: rebucket(value, family.type === "histogram" ? family.buckets : []), sum: value.sum, ...times };
}

/** Adds to a counter or histogram. */
export function addTotal(
  table: SeriesTable,
  target: string,
  family: Family,
  labels: Labels,
  { counts, sum }: Pick<Total, "counts" | "sum">,
  now: number,
): void {
  if (family.type === "histogram") table.addCounts(target, family.name, labels, counts, sum, now);
  else table.observe(target, { family: family.name, labels, value: counts[0] as number }, now);
}
