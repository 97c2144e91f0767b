import { spread } from "../../lib/spread.ts";
import type { Config } from "../config.ts";
import type { TargetMemory } from "./memory.ts";
import { isDue, periodOf, type Rhythm } from "./period.ts";
import type { ProbeTask, Role, Schedule } from "./probe-task.ts";
import type { ProbePlan } from "./target.ts";
import type { Vantage } from "./vantage.ts";

/** A task with the number of its plan's interval since the epoch; followers have the period of their writer. */
export interface DueTask extends ProbeTask {
  period: number;
}

/** Inputs that decide whether a probe is due. */
export interface DueInput {
  config: Pick<Config, "gridMs" | "vantages" | "targets">;
  scheduleOf: (kind: string) => Schedule;
  memoryOf: (target: string) => TargetMemory;
  /** Start of the slot, epoch ms, on the grid. */
  slot: number;
  /** Everything is due now: the first tick of a local run. */
  all?: boolean;
  /** Whether the writer of the previous slot was sent; false if that slot was missed. Absent: it was. */
  wasLed?: (target: string, plan: ProbePlan, slot: number) => boolean;
}

/**
 * The scheduled runs of a slot, in the config's order. A plan is due once per interval at a phase of its own, whatever
 * else is configured. `every`: from each vantage. `rotating`: from one, the next one each time. `single_writer`: from
 * one, the next one each time, as `first`, and from the others in the following slot as `follower`. If the first was not
 * sent, it is sent then, without followers: they would all write the same blob at once and collide.
 */
export function dueRuns(input: DueInput): DueTask[] {
  const { config, slot } = input;
  if (slot % config.gridMs !== 0)
    throw new RangeError(`Cannot run slot ${slot}: it is not on the grid of ${config.gridMs} ms`);
  return config.targets.flatMap((target) =>
    target.probes.flatMap((plan) =>
      runsOf(input, target.name, plan).map(({ vantage, role, period }): DueTask => {
        return { target, plan, vantage, slot, attempt: 0, role, memory: input.memoryOf(target.name), period };
      }),
    ),
  );
}

interface VantageRun {
  vantage: Vantage;
  role: Role;
  period: number;
}

function runsOf({ config, scheduleOf, slot, all, wasLed }: DueInput, target: string, plan: ProbePlan): VantageRun[] {
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
  const first: VantageRun[] = due ? [{ vantage: leader, role: "first", period }] : [];
  if (!isDue(rhythm, before)) return first;
  const last = vantageInTurn(rhythm, vantages, led);
  if (wasLed?.(target, plan, before) === false) return due ? first : [{ vantage: last, role: "first", period: led }];
  // Where the interval is one slot long, the next first is due already, and a vantage runs a probe once in a slot.
  const others = vantages.filter((vantage) => vantage !== last && !(due && vantage === leader));
  return [...first, ...others.map((vantage): VantageRun => ({ vantage, role: "follower", period: led }))];
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
