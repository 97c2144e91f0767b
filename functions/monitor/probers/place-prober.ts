import { DAY_MS, HOUR_MS } from "../../lib/time-units.ts";
import { isMisplaced, type Place } from "../../model/location-hints.ts";
import type { Vantage } from "../../model/probing/vantage.ts";
import type { StoredProber } from "../../store/prober-store.ts";

/** An object that does not move is asked for its place this often. */
const ASK_EVERY_MS = DAY_MS;
/** One whose place is not known is asked again after this time. */
const ASK_AGAIN_MS = HOUR_MS;
/** The least time between two generations. A new object may end up in the wrong place as well. */
const REMAKE_EVERY_MS = DAY_MS;

/** A prober that nobody has asked yet. */
export const FIRST_PROBER: StoredProber = { generation: 1 };

/** Whether the prober's next batch asks where it runs. */
export function asksPlace({ place, askedAt }: StoredProber, now: number): boolean {
  return askedAt === undefined || now - askedAt >= (place === undefined ? ASK_AGAIN_MS : ASK_EVERY_MS);
}

/** What an answer about a prober's place leads to. */
export interface PlacedProber {
  prober: StoredProber;
  /** `seen`: its place is new and right, or not known to be wrong. `misplaced`: it stays for now. `remade`: a new one runs from now on. */
  change: "none" | "seen" | "misplaced" | "remade";
}

/**
 * Judges where a prober runs. One that is elsewhere is replaced by the next generation, at most once a day. `place` is
 * undefined where the prober could not find out.
 */
export function placeProber(
  prober: StoredProber,
  vantage: Vantage,
  place: Place | undefined,
  now: number,
): PlacedProber {
  if (place === undefined) return { prober: { ...prober, askedAt: now }, change: "none" };
  const seen: StoredProber = { ...prober, place, askedAt: now };
  const isNew = prober.place?.colo !== place.colo;
  if (!isMisplaced(vantage, place)) return { prober: seen, change: isNew ? "seen" : "none" };
  if (prober.remadeAt !== undefined && now - prober.remadeAt < REMAKE_EVERY_MS)
    return { prober: seen, change: isNew ? "misplaced" : "none" };
  return { prober: { generation: prober.generation + 1, remadeAt: now }, change: "remade" };
}
