import { Semaphore } from "../../../functions/lib/semaphore.ts";
import {
  type DependencyGroup,
  dependencyGroups,
  type GroupPlace,
} from "../../../functions/model/probing/dependency-group.ts";
import { CONNECTIONS, LANES_AT_ONCE } from "../../../functions/model/probing/placement.ts";
import type { ProbeTask } from "../../../functions/model/probing/probe-task.ts";
import type { Sample } from "../../../functions/model/probing/sample.ts";
import { LOCAL_VANTAGE } from "../../../functions/model/probing/vantage.ts";
import type { RunProbes } from "../../../functions/monitor/monitor-ports.ts";
import { type Lane, lanesInTurn } from "../../../functions/monitor/tick/lanes.ts";
import { blockedBy, blocksRest } from "../../../functions/probe/blocked-by.ts";
import type { ProbeKind } from "../../../functions/probe/kind.ts";
import { callsOf } from "../zako/calls-of.ts";
import type { Answer, Ask } from "../zako/fault.ts";
import { sampleOf } from "../zako/sample-of.ts";
import type { Zako } from "../zako/zako.ts";
import type { Clock } from "./clock.ts";
import type { Meter } from "./meter.ts";
import { chanceOf } from "./random.ts";

/** What probing needs of the world. */
export interface ProbedWorld {
  clock: Clock;
  kinds: ReadonlyMap<string, ProbeKind>;
  zako(target: string): Zako;
  answer(ask: Ask): Answer;
  /** Counts calls and invocations, where somebody wants to know. */
  meter?: Meter | undefined;
}

/**
 * Runs probes against the scripted servers as `functions/probe/batch.ts` and `functions/monitor/tick/dispatch.ts` do against
 * real ones: six at once in a lane, roots first, the rest blocked by a root that reached nobody, a region's samples together.
 */
export function proberOf(world: ProbedWorld): RunProbes {
  return async (tasks, deadlineAt, deliver, { lanes, gridMs }) => {
    const { clock } = world;
    const gate = new Semaphore(LANES_AT_ONCE);
    const endAt = clock.at + Math.max(1, deadlineAt - clock.now());
    const runLane = async (lane: Lane): Promise<void> => {
      if (lane.vantage === LOCAL_VANTAGE) await runBatch(world, lane.tasks, endAt, (sample) => deliver([sample]));
      else
        await gate.run(async () => {
          const samples: Sample[] = [];
          await clock.sleep(HOP_MS);
          const batch = (): Promise<void> => runBatch(world, lane.tasks, endAt, (sample) => samples.push(sample));
          const { meter } = world;
          // A prober belongs to its Monitor.
          const name = `${meter?.object}:${lane.vantage}:${lane.index}`;
          await (meter === undefined ? batch() : meter.invoke("prober", name, batch));
          await clock.sleep(HOP_MS);
          deliver(samples);
        });
    };
    await Promise.all(lanesInTurn(tasks, lanes, gridMs).map(runLane));
  };
}

/** Way from a Monitor to another region. */
const HOP_MS = 80;

async function runBatch(
  world: ProbedWorld,
  tasks: readonly ProbeTask[],
  endAt: number,
  take: (sample: Sample) => void,
): Promise<void> {
  const slots = new Semaphore(CONNECTIONS);
  const place = (kind: string): GroupPlace => world.kinds.get(kind) ?? { tier: "inside" };
  const run = (task: ProbeTask): Promise<Sample | undefined> =>
    slots.run(async () => {
      if (world.clock.at >= endAt) return undefined;
      const sample = await runTask(world, task, endAt);
      if (sample !== undefined) take(sample);
      return sample;
    });
  const runGroup = async ({ root, rest }: DependencyGroup): Promise<void> => {
    const lead = await run(root);
    if (lead === undefined) return;
    if (blocksRest(lead)) for (const task of rest) take(blockedBy(lead, task, world.clock.now()));
    else await Promise.all(criticalFirst(rest, (task) => task).map(run));
  };
  await Promise.all(criticalFirst(dependencyGroups(tasks, place), ({ root }) => root).map(runGroup));
}

async function runTask(world: ProbedWorld, task: ProbeTask, endAt: number): Promise<Sample | undefined> {
  const { clock, kinds } = world;
  const kind = kinds.get(task.plan.kind);
  if (kind === undefined) throw new Error(`There is no kind ${task.plan.kind}.`);
  const { name } = task.target;
  const shown = clock.now();
  const { at } = clock;
  const { vantage, attempt } = task;
  const chance = chanceOf(`${name} ${task.plan.kind} ${vantage} ${at}`);
  const answer = world.answer({
    target: name,
    probe: task.plan.kind,
    vantage,
    at,
    attempt,
    timeoutMs: task.plan.timeoutMs,
    chance,
  });
  world.meter?.call(callsOf(task, kind, answer));
  await clock.sleep(Math.min(answer.takesMs, Math.max(0, endAt - at)));
  return clock.at >= endAt && answer.takesMs > endAt - at
    ? undefined
    : sampleOf(task, kind, world.zako(name), answer, shown);
}

const criticalFirst = <T>(items: readonly T[], taskOf: (item: T) => ProbeTask): T[] =>
  items.toSorted((a, b) => Number(taskOf(b).plan.critical) - Number(taskOf(a).plan.critical));
