import { INSIDE_FAMILIES } from "../model/inside-families.ts";
import { PUSH_FAMILIES, PUSH_SOURCE, type PushBatch, type PushedReading } from "../model/push.ts";
import type { Reading } from "../model/reading.ts";
import { PUSHED_AT_STEP_MS } from "../probe/push.ts";
import type { Head } from "../store/head.ts";
import { printedLabel } from "../store/series-layout.ts";
import type { SeriesTable } from "../store/series-table.ts";
import { foldReadings } from "./fold-readings.ts";

/** As long as a process that nobody has heard of is counted whole: it comes to the same who forgot it. */
const FORGET_MS = 3_600_000;
/** A start further ahead than this comes from a clock that is wrong; believed, it would make those of others look old. */
const CLOCK_SKEW_MS = 60_000;
/** Kinds of exceptions that are shown per target; all others are `other`. */
export const MOST_KINDS = 20;

/** Folds a batch into its target's series; answers with what was refused, by reason, in data points or spans. */
export function foldPush(
  head: Head,
  target: string,
  batch: PushBatch,
  { now, staleAfterMs }: { now: number; staleAfterMs: number },
): Record<string, number> {
  const { table } = head;
  const rejected: Record<string, number> = {};
  let taken = batch.passed;
  let repeats = 0;
  const byTeller = new Map<string, PushedReading[]>();
  for (const pushed of batch.readings) {
    taken += pushed.points;
    if (pushed.id !== undefined && !head.recentIds.add(target, pushed.id)) {
      repeats++;
      continue;
    }
    const told = byTeller.get(pushed.teller) ?? [];
    told.push(pushed);
    byTeller.set(pushed.teller, told);
  }
  const bound = kindBound(table, target);
  for (const [teller, told] of byTeller) {
    const points = new Map(told.map(({ reading, points }) => [bound(withBelievableStart(reading, now)), points]));
    foldReadings(head, {
      target,
      teller,
      source: PUSH_SOURCE.source,
      readings: [...points.keys()],
      now,
      // Several processes may share a name, and an export that is sent again comes after the next one.
      ordered: false,
      complete: isComplete(head, target, teller, [...points.keys()], now),
      gaugesUntil: now + staleAfterMs,
      forgetAt: now + FORGET_MS,
      onRefused: (reading, why) => {
        const lost = points.get(reading) ?? 0;
        taken -= lost;
        if (lost > 0) rejected[why] = (rejected[why] ?? 0) + lost;
      },
    });
  }
  countTaken(table, target, batch.signal, { taken, repeats }, now);
  for (const refused of [batch.rejected, rejected]) countRefusals(head, target, refused, now);
  const { pushedAt = 0 } = head.memories.get(target);
  if (batch.readings.length + batch.passed > 0 && now - pushedAt >= PUSHED_AT_STEP_MS)
    head.memories.note(target, { pushedAt: now }, now);
  return rejected;
}

/**
 * Whether a process may be taken to have told all that it has, so that a total which it tells later for the first time is
 * new and counts whole: SDKs start all totals with the process. Not so where an old process is heard for the first time,
 * for what it tells next may be the rest of the same export.
 */
function isComplete(head: Head, target: string, teller: string, readings: readonly Reading[], now: number): boolean {
  const totals = readings.filter(({ temporality }) => temporality === "total");
  if (totals.length === 0) return false;
  if (head.tellings.teller(target, teller) !== undefined) return true;
  const began = head.table.blocks.get(target)?.createdAt ?? now;
  const known = Math.max(began, head.tellings.horizon(target), now - FORGET_MS);
  return totals.every(({ since }) => since !== undefined && since > known);
}

function withBelievableStart(reading: Reading, now: number): Reading {
  if (reading.since === undefined || reading.since <= now + CLOCK_SKEW_MS) return reading;
  const { since: _, ...rest } = reading;
  return rest;
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

/** Counts what was refused, by reason. */
export function countRefusals(
  { table }: Pick<Head, "table">,
  target: string,
  refused: Readonly<Record<string, number>>,
  now: number,
): void {
  for (const [reason, value] of Object.entries(refused))
    table.observe(target, { family: PUSH_FAMILIES.rejected.name, labels: { reason }, value }, now);
}

/** Keeps the kinds of exceptions few: who pushes may make up any. */
function kindBound(table: SeriesTable, target: string): (reading: Reading) => Reading {
  const family = INSIDE_FAMILIES.exceptions.name;
  const columns = table.blocks.get(target)?.layout.columns ?? [];
  const kinds = new Set(
    columns.flatMap((c) =>
      c.family === family && printedLabel(c.labels, "source") === PUSH_SOURCE.source
        ? [printedLabel(c.labels, "kind") ?? ""]
        : [],
    ),
  );
  return (reading) => {
    if (reading.family !== family) return reading;
    const kind = reading.labels["kind"] ?? "";
    if (!kinds.has(kind) && kinds.size < MOST_KINDS) kinds.add(kind);
    return kinds.has(kind) ? reading : { ...reading, labels: { ...reading.labels, kind: "other" } };
  };
}
