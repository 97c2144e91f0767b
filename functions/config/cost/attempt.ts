import { LANES_AT_ONCE } from "../../model/probing/placement.ts";
import { ConnectionLine } from "./batch-time.ts";

/** Way to another region and back, ms; way to the Alerter; what a cron comes late by. */
const HOP_MS = 160;
export const REPORT_MS = 5;
export const CRON_LATE_MS = 450;

/** What one attempt of a slot takes of its objects. */
export interface Attempt {
  /** Time of the Monitor, and of all probers together, ms. */
  monitorMs: number;
  proberMs: number;
  probers: number;
  writes: boolean;
}

/** An attempt whose lanes are asked side by side, as far as a Monitor may; `lanesMs`: how long each takes. */
export function lanesAtOnce(lanesMs: readonly number[], writes: boolean): Attempt {
  const line = new ConnectionLine(LANES_AT_ONCE);
  for (const ms of lanesMs) line.take(0, ms + HOP_MS);
  const proberMs = lanesMs.reduce((sum, ms) => sum + ms, 0);
  return { monitorMs: line.endsAt + REPORT_MS, proberMs, probers: lanesMs.length, writes };
}
