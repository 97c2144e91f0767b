import { checkReported, type MetricRefusal } from "../../evaluate/reported/check-reported.ts";
import { isPlausibleStep } from "../../evaluate/reported/plausible-step.ts";
import { fnv1a } from "../../lib/fnv1a.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../lib/time-units.ts";
import type { Family } from "../../model/metric.ts";
import type { Head } from "../../store/head.ts";
import { printLabels } from "../../store/series/series-layout.ts";
import { addTotal, foldTotals, totalOf } from "./fold-totals.ts";
import { noteCoarse } from "./note-coarse.ts";
import type { Accepted, Refuse, Report } from "./report.ts";
import { isLarge, removeIdle, SeriesRoom, senderNumber } from "./series-room.ts";

/** Clocks of processes that report one gauge may differ by this. */
const CLOCK_SKEW_MS = MINUTE_MS;

/**
 * Adds a report to the target's series: gauges are set, counters and histograms add their increments. Rejected metrics are
 * counted by reason. A new series of a known source counts entirely if it started after the source's last report, or if
 * that report was complete under the same config: it did not exist before. A new source counts entirely if it started
 * after the target's series and after any forgotten source, and not long ago. Otherwise its totals are only a baseline for
 * the next ones.
 */
export function foldReported(head: Head, report: Report): void {
  const { target, source, metrics, now } = report;
  const { table } = head;
  const refused = new Map<MetricRefusal, number>();
  const refuse: Refuse = (metric, why) => {
    refused.set(why, (refused.get(why) ?? 0) + 1);
    report.onRefused?.(metric, why);
  };

  const sender = senderNumber(report.metricSource);
  const valid = metrics.flatMap((metric): Accepted[] => {
    const family = shownFamily(head, metric.family);
    const why = checkReported(metric, family) ?? (metric.labels["source"] === source ? undefined : "labels");
    if (why === undefined && family !== undefined) return [{ metric, family }];
    refuse(metric, why ?? "family");
    return [];
  });
  // What is reported is not idle, and stays while room is made for others.
  const existing = valid.filter(({ metric }) => table.has(target, metric.family, metric.labels));
  const see = (all: readonly Accepted[]): void =>
    head.reportedTotals.marks.see(
      target,
      all.flatMap(({ metric }) => (isLarge(head, target, source, metric.family) ? [metric] : [])),
      sender,
      now,
    );
  see(existing);
  const room = new SeriesRoom(head, { ...report, isAlone: report.ordered });
  const accepted = valid.filter(({ metric, family }) => {
    const hasRoom = room.admits(family.name, family.labels, metric.labels);
    if (!hasRoom) refuse(metric, "series");
    return hasRoom;
  });
  table.widen(
    target,
    accepted.map(({ metric }) => metric),
    now,
  );

  see(accepted);
  noteCoarse(head, report, accepted);

  const gauges: Accepted[] = [];
  const totals: Accepted[] = [];
  for (const one of accepted) {
    const { metric } = one;
    if (metric.temporality === "total") totals.push(one);
    else if (metric.temporality === "now") gauges.push(one);
    else addDelta(head, target, one, now, refuse);
  }
  const complete = report.complete && refused.size === 0;
  if (totals.length > 0 || complete) foldTotals(head, { ...report, complete }, totals, refuse);
  if (gauges.length > 0) foldGauges(head, report, gauges, refuse);
  for (const [reason, value] of refused)
    table.observe(target, { family: "zako_watch_readings_refused_total", labels: { source, reason }, value }, now);
}

/** Adds what was counted since its start, or in the last hour. */
function addDelta({ table }: Head, target: string, { metric, family }: Accepted, now: number, refuse: Refuse): void {
  const total = totalOf(metric, family);
  if (isPlausibleStep(family, total, now - (total.since ?? now - HOUR_MS)))
    addTotal(table, target, family, metric.labels, total, now);
  else refuse(metric, "implausible");
}

/**
 * Sets gauges to their newest values. A value that was measured before the one that is known is refused; that of another
 * process only if clocks cannot explain it.
 */
function foldGauges(head: Head, report: Report, gauges: readonly Accepted[], refuse: Refuse): void {
  const { target, metricSource, now, gaugesUntil } = report;
  const { table, reportedTotals } = head;
  reportedTotals.marks.widenGauges(
    target,
    gauges.map(({ metric }) => metric),
    now,
  );
  for (const { metric, family } of gauges) {
    const { labels, at = 0 } = metric;
    const known = reportedTotals.marks.gauge(target, family.name, labels, now);
    const [, knownAt = 0, knownWriter = 0] = known;
    const writer = fnv1a(`${metricSource}\n${metric.stream ?? ""}`);
    const isOther = knownWriter !== 0 && knownWriter !== writer;
    if (at !== 0 && at < knownAt - (isOther ? CLOCK_SKEW_MS : 0)) refuse(metric, "out_of_order");
    else if (metric.ended !== true) {
      table.observe(target, { family: family.name, labels, value: metric.value as number }, now);
      known.set([gaugesUntil, at, writer]);
    } else if (!isOther) {
      table.clear(target, family.name, printLabels(family.labels, labels));
      known.set([0, at, writer]);
    }
  }
}

function shownFamily({ table }: Head, name: string): Family | undefined {
  const family = table.family(name);
  return family === undefined || "width" in family ? undefined : family;
}

/** A series that nobody reports for as long ends, where its family has many. */
const AGED_MS = DAY_MS;

/** Expires gauges that were not reported for too long, and forgets silent sources and series. */
export function endSilent(head: Head, now: number): void {
  for (const { target, family, labels } of head.reportedTotals.marks.takeExpired(now))
    head.table.clear(target, family, labels);
  head.reportedTotals.forgetSilent(now);
  removeIdle(head, now - AGED_MS);
}
