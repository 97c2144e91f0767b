import type { ProbeTask } from "./probe-task.ts";

/**
 * How a kind of probe may be asked again between its own runs while it fails. `safe`: any time, it only reads. `budget`:
 * as long as the target's daily write budget allows, each time with content of its own. `interval`: in its own turn only,
 * since each run costs the target something that is not budgeted by the run. `never`: repeating it does harm.
 */
export type RecheckMode = "safe" | "budget" | "interval" | "never";

/** Attempts of a slot: 0 is its own run, 1 confirms what failed in it, rechecks count on from here. */
export const FIRST_RECHECK = 2;

/** Attempts are stored in one byte. */
export const LAST_ATTEMPT = 255;

/** Whether a run is a recheck, or was due at once after one. */
export const isRecheck = ({ attempt }: Pick<ProbeTask, "attempt">): boolean => attempt >= FIRST_RECHECK;

/**
 * Names a recheck among all rechecks: slots are whole seconds apart, so a slot and an attempt add up to one number. The
 * same recheck, run again after a crash, has the same number.
 */
export const recheckId = ({ slot, attempt }: Pick<ProbeTask, "slot" | "attempt">): number => slot + attempt;
