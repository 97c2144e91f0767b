import { DAY_MS } from "../../lib/time-units.ts";
import type { Config } from "../../model/config.ts";
import type { GroupPlace } from "../../model/probing/dependency-group.ts";
import { EMPTY_MEMORY } from "../../model/probing/memory.ts";
import { shardOf } from "../../model/probing/placement.ts";
import type { ProbeTask, Schedule } from "../../model/probing/probe-task.ts";
import { addRoots } from "../../model/probing/schedule/add-roots.ts";
import { dueRuns } from "../../model/probing/schedule/due-runs.ts";
import { postpone, type Waiting } from "../../model/probing/schedule/postpone.ts";
import type { ProbePlan, Target } from "../../model/probing/target.ts";
import type { ProbeKind } from "../../probe/kind.ts";

/** What one shard runs in one slot while all is well. */
export interface PlannedSlot {
  shard: number;
  /** Start of the slot; only its place among the others means something. */
  slot: number;
  tasks: readonly ProbeTask[];
}

export type KnownKinds = ReadonlyMap<string, ProbeKind>;

const WEEK_MS = 7 * DAY_MS;
/** A fleet of thousands is looked at for as many slots as this many plans allow. */
const MOST_PLANS = 3_000_000;
const LEAST_SLOTS = 30;

/**
 * Every slot of a week of each shard, with the runs that its Monitor makes; where intervals repeat together sooner, only as
 * many. `slots`: how many. Pure.
 */
export function* plannedSlots(config: Config, kinds: KnownKinds): Generator<PlannedSlot> {
  const slots = cycleOf(config, kinds);
  const shards = Map.groupBy(config.targets, ({ name }) => shardOf(name, config.shards));
  for (const [shard, targets] of [...shards].toSorted(([a], [b]) => a - b))
    yield* slotsOfShard({ ...config, targets }, kinds, shard, slots);
}

/** Targets whose slots are looked at; the shards of a larger fleet are alike, since names are spread over them evenly. */
const MOST_TARGETS = 2_000;

/** The targets of as many shards as are looked at, and how many times as many targets there are. */
export function sampleOf(config: Config): { config: Config; scale: number } {
  const all = config.targets;
  if (all.length <= MOST_TARGETS) return { config, scale: 1 };
  const targets: Target[] = [];
  for (const own of Map.groupBy(all, ({ name }) => shardOf(name, config.shards)).values())
    if (targets.length === 0 || targets.length + own.length <= MOST_TARGETS) targets.push(...own);
  return { config: { ...config, targets }, scale: all.length / targets.length };
}

/** How many slots `plannedSlots` gives for each shard. */
export function cycleOf({ gridMs, vantages, targets }: Config, kinds: KnownKinds): number {
  const rhythms = new Set(
    targets.flatMap(({ probes }) =>
      probes.map(
        ({ kind, intervalMs }) => (intervalMs / gridMs) * (scheduleOf(kinds, kind) === "every" ? 1 : vantages.length),
      ),
    ),
  );
  const plans = targets.reduce((sum, { probes }) => sum + probes.length, 0);
  const most = Math.max(LEAST_SLOTS, Math.min(WEEK_MS / gridMs, Math.floor(MOST_PLANS / Math.max(1, plans))));
  return [...rhythms].reduce((all, one) => Math.min(most, leastCommon(all, one)), 1);
}

function* slotsOfShard(config: Config, kinds: KnownKinds, shard: number, slots: number): Generator<PlannedSlot> {
  const { gridMs } = config;
  const schedule = (kind: string): Schedule => scheduleOf(kinds, kind);
  const placeOf = (kind: string): GroupPlace => kinds.get(kind) ?? { tier: "inside" };
  const callsOf = ({ kind, options }: ProbePlan): number => kinds.get(kind)?.calls(options) ?? 1;
  const byName = new Map(config.targets.map((target) => [target.name, target]));
  let earlier: Waiting<ProbeTask>[] = [];
  // The slots before the first have runs that wait for it.
  for (let i = -SETTLING_SLOTS; i < slots; i++) {
    const slot = (slots + i) * gridMs;
    const due: ProbeTask[] = dueRuns({ config, scheduleOf: schedule, memoryOf: () => EMPTY_MEMORY, slot });
    const { now, later } = postpone(due, earlier, { config, slot, callsOf, scheduleOf: schedule });
    earlier = later.flatMap(({ target, probe, vantage, role, dueAt }) =>
      taskOf(byName.get(target), probe, { vantage, role, slot: slot + gridMs }).map((task) => ({ task, dueAt })),
    );
    if (i >= 0) yield { shard, slot, tasks: addRoots(now, placeOf) };
  }
}

const SETTLING_SLOTS = 4;

function taskOf(
  target: Target | undefined,
  probe: string,
  at: Pick<ProbeTask, "vantage" | "role" | "slot">,
): ProbeTask[] {
  const plan = target?.probes.find(({ kind }) => kind === probe);
  return target === undefined || plan === undefined ? [] : [{ ...at, target, plan, attempt: 0, memory: EMPTY_MEMORY }];
}

const scheduleOf = (kinds: KnownKinds, kind: string): Schedule => kinds.get(kind)?.schedule ?? "every";

function leastCommon(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
