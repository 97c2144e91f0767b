import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Config } from "../../functions/model/config.ts";
import { type DependencyGroup, dependencyGroups } from "../../functions/model/probing/dependency-group.ts";
import { failure, type Reason } from "../../functions/model/probing/failure.ts";
import { CONNECTIONS, LANES_AT_ONCE } from "../../functions/model/probing/placement.ts";
import type { ProbeTask } from "../../functions/model/probing/probe-task.ts";
import type { Sample } from "../../functions/model/probing/sample.ts";
import type { WatchEvent } from "../../functions/model/watch-event.ts";
import type { RunProbes } from "../../functions/monitor/monitor-ports.ts";
import { lanesInTurn } from "../../functions/monitor/tick/lanes.ts";
import { KINDS, START, sampleOf, World } from "./world.ts";

export const GRID = 10_000;
const ROUND_TRIP_MS = 50;

/** What a target does when it is asked: a healthy one answers soon, a hanging one accepts and never answers. */
export type Behaviour = "healthy" | "hanging" | "refusing";

/**
 * A Monitor whose probers have six connections each, in simulated time: an order waits until one is free, a target that
 * hangs keeps one for the whole timeout, and what has not ended by the deadline is lost.
 */
export class CrowdedWorld {
  readonly world: World;
  behaviour: (task: ProbeTask, at: number) => Behaviour = () => "healthy";
  /** Orders whose result never comes, through no fault of the target. */
  loses: (task: ProbeTask) => boolean = () => false;
  /** What a prober's own fault makes of a run. */
  reasonOf: (task: ProbeTask) => Reason | undefined = () => undefined;
  /** Slots in which a target gave a result, by target and vantage. */
  readonly asked = new Map<string, Set<number>>();
  readonly #config: Config;
  #begun = false;

  private constructor(storage: DurableObjectStorage, of: Config) {
    this.#config = of;
    this.world = new World(storage, of);
    this.world.probe = this.#probe;
  }

  static run(name: string, of: Config, live: (crowded: CrowdedWorld) => Promise<void>): Promise<void> {
    return runInDurableObject(env.MONITOR.getByName(`crowded-${name}`), (_instance, { storage }) =>
      live(new CrowdedWorld(storage, of)),
    );
  }

  /** Lives until `endAt`, woken by alarms, and on whole minutes by a punctual cron. */
  async until(endAt: number): Promise<void> {
    const { world } = this;
    if (!this.#begun) await world.core.wake(world.now, "cron");
    this.#begun = true;
    for (;;) {
      const minute = (Math.floor(world.now / 60_000) + 1) * 60_000;
      const isCron = minute <= world.alarmAt && world.alarmAt > world.now;
      const at = Math.max(world.now, Math.min(minute, world.alarmAt));
      if (at >= endAt) return;
      world.now = at;
      if (isCron && at === minute) await world.core.wake(at, "cron");
      else await world.core.alarm();
    }
  }

  /** Alerts that began or ended, oldest first: `ZakoTargetDown a firing`. */
  alerts(): string[] {
    return this.world.events.flatMap((event: WatchEvent) =>
      event.event === "alert" && event.change !== "pending"
        ? [`${event.alert} ${event.labels["target"] ?? ""} ${event.change}`]
        : [],
    );
  }

  /** The longest time without a result of a target from a vantage, in slots; 1 where each slot had one. */
  longestWait(target: string, from: number, until: number, vantage = "local"): number {
    const slots = [...(this.asked.get(`${target} ${vantage}`) ?? [])].filter((slot) => slot >= from && slot < until);
    const ends = [from - GRID, ...slots.sort((a, b) => a - b), until];
    return Math.max(...ends.slice(1).map((slot, i) => (slot - (ends[i] as number)) / GRID));
  }

  readonly #probe: RunProbes = async (tasks, deadlineAt, deliver) => {
    const begun = this.world.now;
    let ended = begun;
    const lanes = lanesInTurn(
      tasks.filter((task) => !this.loses(task)),
      this.#config.lanes,
      this.#config.gridMs,
    );
    for (let i = 0; i < lanes.length; i += LANES_AT_ONCE) {
      const start = ended;
      for (const { tasks: batch } of lanes.slice(i, i + LANES_AT_ONCE)) {
        const { samples, endedAt } = this.#batch(batch, start, deadlineAt);
        ended = Math.max(ended, endedAt);
        for (const { target, vantage, slot } of samples)
          this.asked.set(`${target} ${vantage}`, (this.asked.get(`${target} ${vantage}`) ?? new Set()).add(slot));
        deliver(samples);
      }
    }
    this.world.now = Math.min(deadlineAt, ended);
  };

  #batch(tasks: readonly ProbeTask[], start: number, deadlineAt: number): { samples: Sample[]; endedAt: number } {
    const groups = dependencyGroups(tasks, (kind) => KINDS.get(kind) ?? { tier: "inside" });
    const [doubtful, others] = [true, false].map((is) =>
      groups.filter(({ root }) => (root.mayHang === true) === is),
    ) as [DependencyGroup[], DependencyGroup[]];
    // While both have work, each has half of the connections.
    const isShared = doubtful.length > 0 && others.length > 0;
    const half = (): number[] => new Array<number>(isShared ? CONNECTIONS / 2 : CONNECTIONS).fill(start);
    const first = this.#groups(others, half(), start, deadlineAt);
    const through = Math.max(start, ...first.free);
    const rest = isShared ? [...half(), ...new Array<number>(CONNECTIONS / 2).fill(through)] : half();
    const second = this.#groups(doubtful, rest, start, deadlineAt);
    return { samples: [...first.samples, ...second.samples], endedAt: Math.max(first.endedAt, second.endedAt) };
  }

  #groups(groups: readonly DependencyGroup[], free: number[], start: number, deadlineAt: number) {
    const samples: Sample[] = [];
    let last = start;
    const take = (task: ProbeTask, readyAt: number): { behaviour: Behaviour; endedAt: number } => {
      const line = free.indexOf(Math.min(...free));
      const startedAt = Math.max(free[line] as number, readyAt);
      const behaviour = startedAt >= deadlineAt ? "healthy" : this.behaviour(task, startedAt);
      const endedAt = startedAt + (behaviour === "hanging" ? task.plan.timeoutMs : ROUND_TRIP_MS);
      free[line] = endedAt;
      last = Math.max(last, Math.min(endedAt, deadlineAt));
      if (endedAt > deadlineAt) return { behaviour, endedAt };
      const own = this.reasonOf(task);
      if (own !== undefined) {
        samples.push(sampleOf(task, startedAt, "skipped", failure(own, true)));
        return { behaviour, endedAt };
      }
      const sample =
        behaviour === "healthy"
          ? sampleOf(task, startedAt)
          : sampleOf(task, startedAt, "failed", failure(behaviour === "hanging" ? "timeout" : "connect", false));
      samples.push(sample);
      return { behaviour, endedAt };
    };
    const roots = groups.map((one) => ({ ...one, ...take(one.root, start) }));
    for (const { rest, root, behaviour, endedAt } of roots.toSorted((a, b) => a.endedAt - b.endedAt)) {
      if (endedAt > deadlineAt) continue;
      for (const task of rest)
        if (behaviour === "healthy") take(task, endedAt);
        else samples.push(sampleOf(task, endedAt, "blocked", failure("timeout", false, { message: root.plan.kind })));
    }
    return { samples, free, endedAt: last };
  }
}

export { START };
