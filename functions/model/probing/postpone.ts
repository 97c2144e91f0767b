import { laneOf } from "./placement.ts";
import type { ProbeTask, Role, Schedule } from "./probe-task.ts";
import type { Vantage } from "./vantage.ts";

/**
 * Calls that one invocation makes at most where that can be arranged. The free plan allows 50; the rest is for calls that
 * are sent again after a lost connection.
 */
export const FEW_CALLS = 45;
/** Slots that a run may wait for its turn. */
const MOST_SLOTS = 3;
/** A run waits only if its next turn is so many slots away at least, so that it never meets it. */
const LEAST_TURN = MOST_SLOTS + 2;

/** A run that waits for a slot with room: its name, and the slot in which it was due (epoch ms). */
export interface Postponed {
  target: string;
  probe: string;
  vantage: Vantage;
  role: Role;
  dueAt: number;
}

/** A run that is due, and since when it waits; without that it is due in this slot. */
export interface Waiting<O extends ProbeTask> {
  task: O;
  dueAt?: number;
}

/** What bounds a slot's runs. */
export interface SlotBounds {
  slot: number;
  gridMs: number;
  lanes: number;
  /** The most calls of one run. */
  callsOf: (task: ProbeTask) => number;
  scheduleOf: (kind: string) => Schedule;
}

/**
 * Divides the runs of a slot into those that run now and those that wait for a slot with more room, so that no invocation
 * makes more calls than the free plan allows. Only what is asked seldom and from one vantage at a time waits, three slots
 * at most. Where the others alone make more calls, nothing waits: that takes the paid plan in any case. Pure.
 */
export function postpone<O extends ProbeTask>(
  due: readonly O[],
  earlier: readonly Waiting<O>[],
  bounds: SlotBounds,
): { now: O[]; later: Postponed[] } {
  const { slot, gridMs, lanes, callsOf, scheduleOf } = bounds;
  const nameOf = (task: O): string => `${task.vantage}:${laneOf(task.target.name, lanes)}`;
  const mayWait = ({ task, dueAt = slot }: Waiting<O>): boolean =>
    scheduleOf(task.plan.kind) === "rotating" &&
    task.plan.intervalMs >= LEAST_TURN * gridMs &&
    slot - dueAt < MOST_SLOTS * gridMs;
  const isSame = (one: O, other: O): boolean =>
    one.target === other.target && one.plan === other.plan && one.vantage === other.vantage;
  const all: Waiting<O>[] = [
    // After a change of its interval a run may be due again while it waits.
    ...earlier.filter(({ task }) => !due.some((one) => isSame(one, task))),
    ...due.map((task) => ({ task })),
  ];
  const calls = new Map<string, number>();
  for (const one of all)
    if (!mayWait(one)) calls.set(nameOf(one.task), (calls.get(nameOf(one.task)) ?? 0) + callsOf(one.task));
  const later = new Map<O, number>();
  for (const one of all
    .filter(mayWait)
    .toSorted((a, b) => Number(b.task.plan.critical) - Number(a.task.plan.critical))) {
    const { task, dueAt = slot } = one;
    const name = nameOf(task);
    const taken = calls.get(name) ?? 0;
    if (taken <= FEW_CALLS && taken + callsOf(task) > FEW_CALLS) later.set(task, dueAt);
    else calls.set(name, taken + callsOf(task));
  }
  return {
    now: all.flatMap(({ task }) => (later.has(task) ? [] : [task])),
    later: [...later].map(([{ target, plan, vantage, role }, dueAt]) => {
      return { target: target.name, probe: plan.kind, vantage, role, dueAt };
    }),
  };
}
