import { MINUTE_MS } from "../../lib/time-units.ts";

/** A total as a teller has it: a counter as one count, a histogram as a count per bucket of ours. */
export interface Total {
  counts: readonly number[];
  /** Of a histogram's values; 0 for a counter. */
  sum: number;
  /** When it began at 0, epoch ms, where the teller says so. */
  since?: number;
}

/** How a teller is heard. Times in epoch ms. */
export interface ReportContext {
  /** Totals come in the order in which they were taken. */
  ordered: boolean;
  /** When the teller was last heard. */
  lastSeenAt: number;
  /** All of a total that is seen for the first time was added after that. */
  wholeIsNew: boolean;
}

/**
 * What a total adds to what was known, never below 0. `rebased`: nothing, but the next total is compared with this one.
 * `stale`: nothing, and the total is to be forgotten.
 */
export type Added = { kind: "added"; counts: readonly number[]; sum: number } | { kind: "rebased" | "stale" };

/** The start of a teller that is scraped and computes it from its uptime wanders by about a second; pushed ones do not. */
const START_WANDERS_MS = 2_000;
/** A teller's clock is trusted to be within this of ours. */
const CLOCK_SKEW_MS = MINUTE_MS;

/**
 * What has been added since a stream was last told. The laws:
 * - Seen for the first time (`was` undefined): all or nothing, as `wholeIsNew` says.
 * - No start told: the difference; a lower total means that the teller began again, and adds all of it.
 * - The same start told twice: the difference, and a start that is told is believed: a lower total is no new beginning but
 *   a part that went missing (a series among several that were summed up, say), or out of order.
 * - Heard in order, with another start: all of it where that start is news, which it is when it lies after the teller was
 *   last heard; else several processes answer behind one address, or a clock was set, and nothing is known to be new.
 * - Heard out of order: a later start adds all, an earlier one is stale.
 */
export function addedSince(
  was: Total | undefined,
  now: Total,
  { ordered, lastSeenAt, wholeIsNew }: ReportContext,
): Added {
  const whole: Added = { kind: "added", counts: now.counts, sum: now.sum };
  if (was === undefined) return wholeIsNew ? whole : { kind: "rebased" };
  const start = compareStarts(was.since, now.since, ordered ? START_WANDERS_MS : 0);
  if (start !== "same") {
    if (!ordered) return start === "later" ? whole : { kind: "stale" };
    return (now.since as number) > lastSeenAt - CLOCK_SKEW_MS ? whole : { kind: "rebased" };
  }
  if (now.counts.some((count, i) => count < (was.counts[i] as number))) {
    if (was.since === undefined || now.since === undefined) return whole;
    return { kind: ordered ? "rebased" : "stale" };
  }
  return {
    kind: "added",
    counts: now.counts.map((count, i) => count - (was.counts[i] as number)),
    // The last digits of a sum of fractions may come and go.
    sum: Math.max(0, now.sum - was.sum),
  };
}

function compareStarts(
  was: number | undefined,
  now: number | undefined,
  wandersMs: number,
): "same" | "earlier" | "later" {
  if (was === undefined || now === undefined || Math.abs(now - was) <= wandersMs) return "same";
  return now < was ? "earlier" : "later";
}
