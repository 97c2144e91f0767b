import { joined, overlapMs, type Span, without } from "../../lib/time-spans.ts";

/** What a target's uptime is counted from. */
export interface UptimeFacts {
  /** The stretch that is asked about. */
  span: Span;
  /** When the target began to be watched, epoch ms. */
  watchedSince: number;
  /** Incidents. */
  down: readonly Span[];
  /** Times in which nothing was known of it. */
  unknown: readonly Span[];
  /** Planned work. */
  planned: readonly Span[];
}

/** A target's uptime. */
export interface Uptime {
  /** Share of the counted time in which it was not down, 0 to 1; undefined where no time counts. */
  ratio: number | undefined;
  downMs: number;
  /** Time that counts: watched, known, and not planned. */
  countedMs: number;
}

/** Counts uptime from incidents. Planned work, and times in which nothing is known, are neither up nor down. */
export function uptimeOf({ span, watchedSince, down, unknown, planned }: UptimeFacts): Uptime {
  const watched = { from: Math.max(span.from, watchedSince), to: span.to };
  // A target that is down is known to be, whatever has become unknown since.
  const counted = without(watched, [...planned, ...unknown.flatMap((one) => without(one, down))]);
  const countedMs = joined(counted).reduce((sum, { from, to }) => sum + to - from, 0);
  const downMs = overlapMs(counted, down);
  return { ratio: countedMs === 0 ? undefined : 1 - downMs / countedMs, downMs, countedMs };
}
