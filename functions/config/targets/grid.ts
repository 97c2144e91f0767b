import { MINUTE_MS } from "../../lib/time-units.ts";

/** Slots are multiples of this at the finest, ms: the alarm's grid. */
export const FINEST_GRID_MS = 10_000;

/** The grid of the slots: whole minutes, unless some interval is none. */
export const gridOf = (targets: readonly { probes: readonly { intervalMs: number }[] }[]): number =>
  targets.every(({ probes }) => probes.every(({ intervalMs }) => intervalMs % MINUTE_MS === 0))
    ? MINUTE_MS
    : FINEST_GRID_MS;
