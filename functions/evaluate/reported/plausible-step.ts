import { DAY_MS, MINUTE_MS } from "../../lib/time-units.ts";
import type { Family } from "../../model/metric.ts";
import type { Total } from "./added-since.ts";

/** Larger steps lose single events: a double counts no further one by one. */
const MOST_STEP = Number.MAX_SAFE_INTEGER;
/** Events of a whole fleet in a second, and bytes; busy seconds of a hundred thousand threads. */
const MOST_PER_SECOND = { events: 1e9, bytes: 1e12, seconds: 1e5 };
/** Clocks and intervals may be off by this. */
const LEAST_ELAPSED_MS = MINUTE_MS;
const MOST_ELAPSED_MS = 7 * DAY_MS;

/** Whether a total can grow by so much in the time. `elapsedMs`: since it was last reported, or since it began. */
export function isPlausibleStep(
  { name }: Pick<Family, "name">,
  { counts, sum }: Pick<Total, "counts" | "sum">,
  elapsedMs: number,
): boolean {
  const seconds = Math.min(Math.max(elapsedMs, LEAST_ELAPSED_MS), MOST_ELAPSED_MS) / 1_000;
  const most = Math.min(MOST_STEP, seconds * MOST_PER_SECOND[unitOf(name)]);
  return counts.reduce((all, count) => all + count, 0) <= most && sum <= seconds * MOST_PER_SECOND.bytes;
}

function unitOf(name: string): keyof typeof MOST_PER_SECOND {
  // Units of imported families are unknown.
  if (name.includes("_bytes") || !name.startsWith("zako_v1_")) return "bytes";
  return name.endsWith("_seconds_total") ? "seconds" : "events";
}
