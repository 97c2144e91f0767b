import type { Config } from "../../model/config.ts";
import { dependencyGroups } from "../../model/probing/dependency-group.ts";
import { EMPTY_MEMORY } from "../../model/probing/memory.ts";
import { isDue } from "../../model/probing/period.ts";
import { CONNECTIONS, LANES_AT_ONCE, laneOf, shardOf, slotRoomMs } from "../../model/probing/placement.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";
import type { ProbePlan, Target } from "../../model/probing/target.ts";
import { LOCAL_VANTAGE } from "../../model/probing/vantage.ts";
import type { ProbeKind } from "../../probe/kind.ts";

/** Slots that are looked at. Intervals repeat together within them, but for odd ones. */
const MOST_SLOTS = 360;

/** How many probers share the work. */
export type Sharing = Pick<Config, "shards" | "lanes" | "vantages">;

/** What the busiest slot of the busiest lane takes where nothing answers. Times in ms. */
export interface SlotLoad {
  /** Origins that are asked in it, each for one whole timeout: what follows a root that got no answer is not asked. */
  origins: number;
  /** The longest timeout among them. */
  timeoutMs: number;
  /** What they take, six at once. */
  runMs: number;
  /** What their confirmations take after that. */
  confirmMs: number;
  /** How much of the slot there is for both. */
  roomMs: number;
}

/** What a target asks for in each slot: the timeouts of its roots, and the longest of all its probes that are due. */
interface Profile {
  name: string;
  slots: readonly { roots: readonly number[]; longestMs: number }[];
}

/** The load of a configuration's targets, slot by slot. */
export interface LoadProfile {
  gridMs: number;
  targets: readonly Profile[];
}

export const fits = ({ runMs, confirmMs, roomMs }: SlotLoad): boolean => runMs + confirmMs <= roomMs;

/** Works out what the targets ask for in each slot, as the scheduler will. `kinds` has every kind that they have. */
export function profileOf(
  { gridMs, targets }: Pick<Config, "gridMs" | "targets">,
  kinds: ReadonlyMap<string, Pick<ProbeKind, "tier" | "calls">>,
): LoadProfile {
  const intervals = new Set(targets.flatMap(({ probes }) => probes.map(({ intervalMs }) => intervalMs / gridMs)));
  const slots = [...intervals].reduce((all, one) => Math.min(MOST_SLOTS, leastCommon(all, one)), 1);
  return { gridMs, targets: targets.map((target) => targetProfile(target, gridMs, slots, kinds)) };
}

function targetProfile(target: Target, gridMs: number, slots: number, kinds: Parameters<typeof profileOf>[1]): Profile {
  const plans = target.probes.filter((plan) => (kinds.get(plan.kind)?.calls(plan.options) ?? 0) > 0);
  const known = new Map<string, Profile["slots"][number]>();
  const at = Array.from({ length: slots }, (_, i) => {
    const due = plans.filter((plan) => isDue({ target: target.name, plan, gridMs }, i * gridMs));
    const key = due.map(({ kind }) => kind).join();
    const one = known.get(key) ?? demandOf(target, due, kinds);
    known.set(key, one);
    return one;
  });
  return { name: target.name, slots: at };
}

function demandOf(target: Target, due: readonly ProbePlan[], kinds: Parameters<typeof profileOf>[1]) {
  const tasks = due.map((plan): ProbeTask => {
    return { target, plan, vantage: LOCAL_VANTAGE, slot: 0, attempt: 0, role: "sole", memory: EMPTY_MEMORY };
  });
  const roots = dependencyGroups(tasks, (kind) => kinds.get(kind) ?? { tier: "inside" }).map(
    ({ root }) => root.plan.timeoutMs,
  );
  return { roots, longestMs: Math.max(0, ...due.map(({ timeoutMs }) => timeoutMs)) };
}

/** The busiest slot, with the targets shared out and the lanes taking turns as the Monitors will have it. */
export function busiestSlot(profile: LoadProfile, { shards, lanes, vantages }: Sharing, mostMs?: number): SlotLoad {
  if (vantages[0] === LOCAL_VANTAGE) return busiestOfLane(profile, shards, 1, mostMs);
  const load = busiestOfLane(profile, shards, lanes, mostMs);
  // Beyond six, lanes wait for each other.
  const waves = Math.ceil((vantages.length * lanes) / LANES_AT_ONCE);
  return { ...load, runMs: waves * load.runMs, confirmMs: waves * load.confirmMs };
}

/** The busiest slot of the busiest lane by itself. `mostMs`: as if no timeout were longer. */
export function busiestOfLane(
  { gridMs, targets }: LoadProfile,
  shards: number,
  lanes: number,
  mostMs = Number.POSITIVE_INFINITY,
): SlotLoad {
  const groups = Map.groupBy(targets, ({ name }) => shardOf(name, shards) * lanes + laneOf(name, lanes));
  let worst: SlotLoad = { origins: 0, timeoutMs: 0, runMs: 0, confirmMs: 0, roomMs: slotRoomMs(gridMs) };
  for (const group of groups.values())
    for (let i = 0; i < (group[0]?.slots.length ?? 0); i++) {
      const load = { ...loadOf(group, i, mostMs), roomMs: worst.roomMs };
      if (load.runMs + load.confirmMs > worst.runMs + worst.confirmMs) worst = load;
    }
  return worst;
}

function loadOf(group: readonly Profile[], slot: number, mostMs: number): Omit<SlotLoad, "roomMs"> {
  const demands = group.flatMap(({ slots }) => slots[slot] ?? []);
  const timeouts = demands.flatMap(({ roots }) => roots.map((ms) => Math.min(ms, mostMs)));
  const rootMs = Math.max(0, ...timeouts);
  const runMs = makespan(timeouts);
  // A slow probe that is no root runs once, and once more to confirm, while the others answer.
  const longestMs = Math.min(mostMs, Math.max(0, ...demands.map((one) => one.longestMs)));
  if (2 * longestMs > runMs + rootMs)
    return { origins: 1, timeoutMs: longestMs, runMs: longestMs, confirmMs: longestMs };
  return { origins: timeouts.length, timeoutMs: rootMs, runMs, confirmMs: rootMs };
}

/** How long so many timeouts take, six at once, where the longest come last. */
function makespan(timeouts: readonly number[]): number {
  const free = new Array<number>(CONNECTIONS).fill(0);
  for (const ms of timeouts.toSorted((a, b) => a - b)) free[free.indexOf(Math.min(...free))] = Math.min(...free) + ms;
  return Math.max(...free);
}

function leastCommon(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
