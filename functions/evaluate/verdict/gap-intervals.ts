/** Intervals in a row without a result, through the prober's own fault, after which nothing is known of a probe. */
export const FAULT_INTERVALS = 3;

/** What one attempt of a slot brought of one probe, over all vantages. */
export interface SlotResults {
  attempt: number;
  /** The slot is the probe's own by its interval: an extra run that is lost begins no further interval. */
  isDue: boolean;
  /** Runs that said something of the target, skipped and blocked ones included. */
  results: number;
  /** Runs that had no result through the prober's own fault. */
  gaps: number;
}

/**
 * How many intervals in a row, up to now, have been gaps: intervals in which no vantage had a result and at least one was
 * a gap. Any result ends the row. Slots that were missed as a whole, and those in which the probe was not due, change nothing.
 */
export function gapIntervalsAfter(before: number, { attempt, isDue, results, gaps }: SlotResults): number {
  if (results > 0) return 0;
  return gaps > 0 && isDue && attempt === 0 ? before + 1 : before;
}
