import type { PushedReading } from "../../model/push.ts";
import type { HistogramCounts, Reading } from "../../model/reading.ts";
import type { PushRefusal, Tally } from "./tally.ts";

/**
 * Adds a gauge or a total to an export. Points that only attributes without a label tell apart are one series here: totals
 * are summed, since the earliest start among them; of gauges the first one stands.
 */
export function joinReadings(tally: Tally, teller: string, reading: Reading): PushRefusal | undefined {
  const { family, labels, temporality } = reading;
  const key = JSON.stringify([teller, family, ...Object.values(labels)]);
  const known = tally.joinable.get(key);
  if (known === undefined) {
    const fresh: PushedReading = { reading, teller, points: 1 };
    tally.joinable.set(key, fresh);
    tally.add(fresh);
    return undefined;
  }
  if (temporality === "now") return "collision";
  const value = joinValues(known.reading.value, reading.value);
  if (value === undefined) return "buckets";
  const starts = [known.reading.since, reading.since].filter((start) => start !== undefined);
  known.reading = { ...known.reading, value, ...(starts.length === 0 ? {} : { since: Math.min(...starts) }) };
  known.points++;
  return undefined;
}

type Value = number | HistogramCounts;

function joinValues(a: Value, b: Value): Value | undefined {
  if (typeof a === "number" || typeof b === "number")
    return typeof a === "number" && typeof b === "number" ? a + b : undefined;
  if (a.bounds.length !== b.bounds.length || !a.bounds.every((bound, i) => bound === b.bounds[i])) return undefined;
  const counts = a.counts.map((count, i) => count + (b.counts[i] as number));
  return { bounds: a.bounds, counts, sum: a.sum + b.sum };
}
