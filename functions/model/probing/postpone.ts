import type { Config } from "../config.ts";
import { laneOf } from "./placement.ts";
import type { ProbeTask, Role, Schedule } from "./probe-task.ts";
import type { ProbePlan } from "./target.ts";
import { LOCAL_VANTAGE, type Vantage } from "./vantage.ts";

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
  config: Pick<Config, "gridMs" | "lanes" | "vantages" | "targets">;
  slot: number;
  /** The most calls of one run. */
  callsOf: (plan: ProbePlan) => number;
  scheduleOf: (kind: string) => Schedule;
}

/**
 * Divides the runs of a slot into those that run now and those that wait for a slot with more room, so that no invocation
 * makes more calls than the free plan allows. Only what is asked seldom and from one vantage at a time waits, three slots
 * at most. Where a lane makes more calls on average, nothing of it waits: that takes the paid plan in any case. Pure.
 */
export function postpone<O extends ProbeTask>(
  due: readonly O[],
  earlier: readonly Waiting<O>[],
  bounds: SlotBounds,
): { now: O[]; later: Postponed[] } {
  const { config, slot, callsOf, scheduleOf } = bounds;
  const nameOf = ({ target }: O): number => laneOf(target.name, lanesOf(config));
  const few = lanesOfFewCalls(bounds);
  const mayWait = ({ task, dueAt = slot }: Waiting<O>): boolean =>
    few.has(nameOf(task)) &&
    scheduleOf(task.plan.kind) === "rotating" &&
    task.plan.intervalMs >= LEAST_TURN * config.gridMs &&
    slot - dueAt < MOST_SLOTS * config.gridMs;
  const isSame = (one: O, other: O): boolean =>
    one.target === other.target && one.plan === other.plan && one.vantage === other.vantage;
  const all: Waiting<O>[] = [
    // After a change of its interval a run may be due again while it waits.
    ...earlier.filter(({ task }) => !due.some((one) => isSame(one, task))),
    ...due.map((task) => ({ task })),
  ];
  if (few.size === 0) return { now: all.map(({ task }) => task), later: [] };
  const calls = new Map<string, number>();
  const keyOf = (task: O): string => `${task.vantage}:${nameOf(task)}`;
  const add = (task: O): void => void calls.set(keyOf(task), (calls.get(keyOf(task)) ?? 0) + callsOf(task.plan));
  for (const one of all) if (!mayWait(one)) add(one.task);
  const later = new Map<O, number>();
  for (const { task, dueAt = slot } of all.filter(mayWait).toSorted((a, b) => rankOf(a, slot) - rankOf(b, slot))) {
    if ((calls.get(keyOf(task)) ?? 0) + callsOf(task.plan) > FEW_CALLS) later.set(task, dueAt);
    else add(task);
  }
  return {
    now: all.flatMap(({ task }) => (later.has(task) ? [] : [task])),
    later: [...later].map(([{ target, plan, vantage, role }, dueAt]) => {
      return { target: target.name, probe: plan.kind, vantage, role, dueAt };
    }),
  };
}

/** Without regions one invocation asks all targets. */
const lanesOf = ({ lanes, vantages }: SlotBounds["config"]): number => (vantages[0] === LOCAL_VANTAGE ? 1 : lanes);

/** The lanes in which one vantage makes few enough calls in a slot on average. */
function lanesOfFewCalls({ config, callsOf, scheduleOf }: SlotBounds): ReadonlySet<number> {
  const { gridMs, vantages, targets } = config;
  const lanes = lanesOf(config);
  const calls = new Array<number>(lanes).fill(0);
  for (const { name, probes } of targets) {
    const lane = laneOf(name, lanes);
    for (const plan of probes) {
      const turns = scheduleOf(plan.kind) === "rotating" ? vantages.length : 1;
      calls[lane] = (calls[lane] ?? 0) + (callsOf(plan) * gridMs) / plan.intervalMs / turns;
    }
  }
  return new Set(calls.flatMap((sum, lane) => (sum <= FEW_CALLS ? [lane] : [])));
}

/** Those that have waited longest come first, and of them the critical ones. */
const rankOf = ({ task, dueAt }: Waiting<ProbeTask>, slot: number): number =>
  (dueAt ?? slot) + (task.plan.critical ? 0 : 1);
