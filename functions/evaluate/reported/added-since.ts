import { MINUTE_MS } from "../../lib/time-units.ts";

/** A total as a source has it: a counter as one count, a histogram as a count per bucket of ours. */
export interface Total {
  counts: readonly number[];
  /** Of a histogram's values; 0 for a counter. */
  sum: number;
  /** When it started at 0, epoch ms, if the source reports it. */
  since?: number;
  /** When it was measured, epoch ms, if the source reports it. */
  at?: number;
  /** It started before `since`, at an unknown value. */
  unknownStart?: boolean;
}

/** How a source reports. Times in epoch ms. */
export interface ReportContext {
  /** Whether totals arrive in the order in which they were measured. */
  ordered: boolean;
  /** When the source last reported. */
  lastSeenAt: number;
  /** Whether a total that is seen for the first time is entirely new since then. */
  wholeIsNew: boolean;
}

/**
 * The increment of a total, never below 0. `rebased`: no increment, but the next total is compared with this one. `stale`:
 * no increment, and the total must be discarded.
 */
export type Added = { kind: "added"; counts: readonly number[]; sum: number } | { kind: "rebased" | "stale" };

/** Start times that a scraped source computes from its uptime vary by about a second; pushed ones do not. */
const START_WANDERS_MS = 2_000;
/** A source's clock is trusted to be within this of ours. */
const CLOCK_SKEW_MS = MINUTE_MS;

/**
 * What has been added since the last total. Rules:
 * - First total (`was` undefined): everything or nothing, depending on `wholeIsNew`.
 * - A later start that is unknown (OpenTelemetry: the start is the time of the point): nothing; the next one is compared
 *   with it.
 * - Without a start time: the difference. A lower total means that the source restarted, and counts entirely, unless it was
 *   measured before the last one.
 * - With the same start time again: the difference, also where counts have moved to higher buckets. The reported start is trusted, so a lower total is not a restart but
 *   out of order, or, if it was measured later, a mistake of the source: counting continues from it.
 * - In order, with another start time: everything, if the start is later than the source's last report. Otherwise several
 *   processes share one address, or a clock was set, and nothing is known to be new.
 * - Out of order: a later start counts entirely, an earlier one is stale.
 */
export function addedSince(
  was: Total | undefined,
  now: Total,
  { ordered, lastSeenAt, wholeIsNew }: ReportContext,
): Added {
  const whole: Added = { kind: "added", counts: now.counts, sum: now.sum };
  const nothing: Added = { kind: "added", counts: now.counts.map(() => 0), sum: 0 };
  const unknownStart = now.unknownStart === true;
  if (was === undefined) return unknownStart ? nothing : wholeIsNew ? whole : { kind: "rebased" };
  const isOlder = was.at !== undefined && now.at !== undefined && now.at < was.at;
  const start = compareStarts(was.since, now.since, ordered ? START_WANDERS_MS : 0);
  // A sequence with a known start may resume at an unknown one, and one without a start may get one.
  if (unknownStart && (start === "later" || was.since === undefined)) return isOlder ? { kind: "stale" } : nothing;
  if (start !== "same") {
    if (!ordered) return start === "later" ? whole : { kind: "stale" };
    return (now.since as number) > lastSeenAt - CLOCK_SKEW_MS ? whole : { kind: "rebased" };
  }
  if (now.counts.some((count, i) => count < (was.counts[i] as number))) {
    if (isOlder) return { kind: "stale" };
    if (was.since === undefined || now.since === undefined) return whole;
    const counts = movedUp(now.counts.map((count, i) => count - (was.counts[i] as number)));
    if (counts !== undefined) return { kind: "added", counts, sum: Math.max(0, now.sum - was.sum) };
    const isNewer = was.at !== undefined && now.at !== undefined && now.at > was.at;
    return { kind: ordered || isNewer ? "rebased" : "stale" };
  }
  return {
    kind: "added",
    counts: now.counts.map((count, i) => count - (was.counts[i] as number)),
    // The last digits of a sum of fractions may vary.
    sum: Math.max(0, now.sum - was.sum),
  };
}

/**
 * What was added where a source has merged buckets meanwhile, as exponential histograms do: its counts move to higher buckets
 * of ours. Undefined if there are fewer than before.
 */
function movedUp(changes: readonly number[]): number[] | undefined {
  let missing = 0;
  const counts = changes.map((change) => {
    const count = change + missing;
    missing = Math.min(0, count);
    return Math.max(0, count);
  });
  return missing < 0 ? undefined : counts;
}

function compareStarts(
  was: number | undefined,
  now: number | undefined,
  wandersMs: number,
): "same" | "earlier" | "later" {
  if (was === undefined || now === undefined || Math.abs(now - was) <= wandersMs) return "same";
  return now < was ? "earlier" : "later";
}
