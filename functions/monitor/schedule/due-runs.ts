import { spread } from "../../lib/spread.ts";
import type { Config } from "../../model/config.ts";
import type { TargetMemory } from "../../model/probing/memory.ts";
import { isDue, periodOf, type Rhythm } from "../../model/probing/period.ts";
import type { ProbeTask, Role, Schedule } from "../../model/probing/probe-task.ts";
import type { ProbePlan } from "../../model/probing/target.ts";
import type { Vantage } from "../../model/probing/vantage.ts";

/** An order that says which of its plan's intervals since the epoch it belongs to; a relay's followers share their first's. */
export interface DueTask extends ProbeTask {
  period: number;
}

/** What due-ness rests on. */
export interface DueInput {
  config: Pick<Config, "gridMs" | "vantages" | "targets">;
  scheduleOf: (kind: string) => Schedule;
  memoryOf: (target: string) => TargetMemory;
  /** Start of the slot, epoch ms, on the grid. */
  slot: number;
  /** Everything is due now: the first tick of a local run. */
  all?: boolean;
  /** Whether a relay's first of the slot before was sent; it was not where that slot was missed. Left out: it was. */
  wasLed?: (target: string, plan: ProbePlan, slot: number) => boolean;
}

/**
 * The scheduled runs of a slot, in the config's order. A plan is due once per interval at a phase of its own, whatever
 * else is configured. `every`: from each vantage. `rotating`: from one, the next one each time. `relay`: from one, the
 * next one each time, as `first`, and from the others in the following slot as `follower`; where the first was not sent
 * it is sent then, and there are no followers: they would all write the same blob at once, and refuse it to each other.
 */
export function dueRuns(input: DueInput): DueTask[] {
  const { config, slot } = input;
  if (slot % config.gridMs !== 0)
    throw new RangeError(`Cannot run slot ${slot}: it is not on the grid of ${config.gridMs} ms`);
  return config.targets.flatMap((target) =>
    target.probes.flatMap((plan) =>
      castOf(input, target.name, plan).map(({ vantage, role, period }): DueTask => {
        return { target, plan, vantage, slot, attempt: 0, role, memory: input.memoryOf(target.name), period };
      }),
    ),
  );
}

interface Part {
  vantage: Vantage;
  role: Role;
  period: number;
}

function castOf({ config, scheduleOf, slot, all, wasLed }: DueInput, target: string, plan: ProbePlan): Part[] {
  const { gridMs, vantages } = config;
  const rhythm: Rhythm = { target, plan, gridMs };
  const due = all === true || isDue(rhythm, slot);
  const period = periodOf(rhythm, slot);
  const schedule = scheduleOf(plan.kind);
  if (schedule === "every") return due ? vantages.map((vantage) => ({ vantage, role: "sole", period })) : [];
  const leader = vantageInTurn(rhythm, vantages, period);
  if (schedule === "rotating" || vantages.length < 2) return due ? [{ vantage: leader, role: "sole", period }] : [];

  const before = slot - gridMs;
  const led = periodOf(rhythm, before);
  const first: Part[] = due ? [{ vantage: leader, role: "first", period }] : [];
  if (!isDue(rhythm, before)) return first;
  const last = vantageInTurn(rhythm, vantages, led);
  if (wasLed?.(target, plan, before) === false) return due ? first : [{ vantage: last, role: "first", period: led }];
  // Where the interval is one slot long, the next first is due already, and a vantage runs a probe once in a slot.
  const others = vantages.filter((vantage) => vantage !== last && !(due && vantage === leader));
  return [...first, ...others.map((vantage): Part => ({ vantage, role: "follower", period: led }))];
}

/** Whose turn it is in a period. Targets start at different vantages, so that no vantage is asked for all at once. */
function vantageInTurn(
  { target, plan }: Pick<Rhythm, "target" | "plan">,
  vantages: readonly Vantage[],
  period: number,
): Vantage {
  const turn = (period + spread(`${plan.kind}\n${target}`, vantages.length)) % vantages.length;
  const vantage = vantages.at(turn);
  if (vantage === undefined) throw new RangeError(`Cannot choose a vantage for ${target}: none is configured`);
  return vantage;
}
