import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Alert, Intake, IntakeAnswer, JoinAnswer, Resolve } from "../../functions/model/alerting/alert.ts";
import type { Config } from "../../functions/model/config.ts";
import { dependencyGroups } from "../../functions/model/probing/dependency-group.ts";
import type { Failure } from "../../functions/model/probing/failure.ts";
import type { ProbeTask } from "../../functions/model/probing/probe-task.ts";
import type { Sample } from "../../functions/model/probing/sample.ts";
import { blockedBy, blocksRest } from "../../functions/probe/blocked-by.ts";
import { KINDS, START, sampleOf, World } from "./world.ts";

/** Why a run fails; undefined: it does not. */
export type Fate = (task: ProbeTask, at: number) => Failure | undefined;

/** One outage as it was told: times of the record, and when each end was told. */
export interface Outage {
  alert: string;
  target: string;
  begunAt: number;
  notifiedAt: number;
  over?: { at: number; notifiedAt: number };
}

/** A Monitor in simulated time, woken by a punctual cron and by its alarms, whose runs come out as a test says. */
export class RecheckWorld {
  readonly world: World;
  fate: Fate = () => undefined;
  /** How long a run takes, ms. */
  takesMs: (task: ProbeTask) => number = () => 50;
  readonly asked: { task: ProbeTask; at: number }[] = [];
  /** Slots that were run, and when. */
  readonly slots: { slot: number; at: number }[] = [];
  readonly outages: Outage[] = [];
  /** Runs before each alarm, to kill the object. */
  beforeAlarm: () => void = () => {};
  /** When the cron comes next. */
  #cronAt = START;

  private constructor(storage: DurableObjectStorage, of: Config) {
    this.world = new World(storage, of, { join: this.#join, intake: this.#intake });
    this.world.probe = async (tasks, _deadline, deliver) => {
      const first = tasks[0];
      const at = this.world.now;
      if (first?.attempt === 0) this.slots.push({ slot: first.slot, at });
      let tookMs = 0;
      for (const { root, rest } of dependencyGroups(tasks, (kind) => KINDS.get(kind) ?? { tier: "inside" })) {
        const lead = this.#run(root);
        tookMs = Math.max(tookMs, this.takesMs(root));
        deliver([lead]);
        for (const task of rest) deliver([blocksRest(lead) ? blockedBy(lead, task, at) : this.#run(task)]);
      }
      this.world.now += tookMs;
    };
  }

  static run(name: string, of: Config, live: (world: RecheckWorld) => Promise<void>): Promise<void> {
    return runInDurableObject(env.MONITOR.getByName(`recheck-${name}`), (_instance, { storage }) =>
      live(new RecheckWorld(storage, of)),
    );
  }

  /** Lives until `endAt`. */
  async until(endAt: number): Promise<void> {
    const { world } = this;
    for (;;) {
      const isCron = this.#cronAt <= world.alarmAt || world.alarmAt === 0;
      const at = Math.max(world.now, isCron ? this.#cronAt : world.alarmAt);
      if (at >= endAt) break;
      world.now = at;
      if (isCron) {
        this.#cronAt += 60_000;
        await world.core.wake(at, "cron");
      } else {
        this.beforeAlarm();
        await world.core.alarm();
      }
      await world.core.alertsSent();
    }
    world.now = Math.max(world.now, endAt);
  }

  /** Runs of a probe, between two times. */
  runsOf(probe: string, from = 0, to = Number.POSITIVE_INFINITY): { task: ProbeTask; at: number }[] {
    return this.asked.filter(({ task, at }) => task.plan.kind === probe && at >= from && at < to);
  }

  outagesOf(alert: string): Outage[] {
    return this.outages.filter((one) => one.alert === alert);
  }

  #run(task: ProbeTask): Sample {
    this.asked.push({ task, at: this.world.now });
    const cause = this.fate(task, this.world.now);
    const outcome = cause === undefined ? "ok" : "failed";
    const step = { name: "s", durationMs: 1, outcome, ...(cause === undefined ? {} : { failure: cause }) } as const;
    return { ...sampleOf(task, this.world.now, outcome, cause), durationMs: this.takesMs(task), steps: [step] };
  }

  #join = async (): Promise<JoinAnswer> => ({ ok: true, generation: 1, sequence: 0, alerts: [] });

  #intake = async ({ firing, resolved }: Intake): Promise<IntakeAnswer> => {
    for (const alert of firing) this.#begin(alert);
    for (const end of resolved) this.#end(end);
    return { ok: true, acknowledged: resolved };
  };

  readonly #open = new Map<string, Outage>();

  #begin({ fingerprint, startsAt, activeSince, labels }: Alert): void {
    const key = `${fingerprint} ${startsAt}`;
    if (this.#open.has(key)) return;
    const { alertname = "", target = "" } = labels;
    const begunAt = Math.min(startsAt, activeSince ?? startsAt);
    const outage = { alert: alertname, target, begunAt, notifiedAt: this.world.now };
    this.#open.set(key, outage);
    this.outages.push(outage);
  }

  #end({ fingerprint, startsAt, resolvedAt }: Resolve): void {
    const outage = this.#open.get(`${fingerprint} ${startsAt}`);
    if (outage !== undefined) outage.over ??= { at: resolvedAt, notifiedAt: this.world.now };
  }
}

export { START };
