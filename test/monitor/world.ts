import type { Config } from "../../functions/model/config.ts";
import type { Failure } from "../../functions/model/probing/failure.ts";
import type { ProbeTask } from "../../functions/model/probing/probe-task.ts";
import type { Outcome, Sample } from "../../functions/model/probing/sample.ts";
import type { ProbePlan, Target } from "../../functions/model/probing/target.ts";
import type { WatchEvent } from "../../functions/model/watch-event.ts";
import type { AlerterPort } from "../../functions/monitor/alerts/alert-sender.ts";
import { MonitorCore } from "../../functions/monitor/monitor-core.ts";
import type { RunProbes } from "../../functions/monitor/monitor-ports.ts";
import { allFamilies } from "../../functions/monitor/tick/wanted-series.ts";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";
import { decodeWithChecksum } from "../../functions/store/checksummed-json.ts";
import { Head } from "../../functions/store/head.ts";
import { SampleBacklog } from "../../functions/store/history/history-backlog.ts";
import { MONITOR_META } from "../../functions/store/monitor-meta.ts";
import { Deadlines } from "./deadlines.ts";

export const KINDS = new Map(PROBE_KINDS.map((kind) => [kind.kind, kind]));
/** A full minute and hour, far in the future: alarms that are set never fire by themselves. */
export const START = Date.UTC(2030, 0, 1);

export function plan(kind: string, over: Partial<ProbePlan> = {}): ProbePlan {
  return {
    kind,
    intervalMs: 60_000,
    timeoutMs: 5_000,
    critical: true,
    thresholds: { failures: 2, outOf: 3, recoveries: 3 },
    options: { size: 4096, absent: 1 },
    ...over,
  };
}

export function target(name: string, probes: readonly ProbePlan[] = [plan("health")]): Target {
  return {
    name,
    casUrl: `http://${name}.test`,
    transportUrl: `http://${name}.test`,
    protocol: "grpc-web",
    labels: {},
    budgets: { writeBytesPerDay: 1 << 20, tokensPerDay: 1000 },
    probes,
  };
}

export function config(targets: readonly Target[], over: Partial<Config> = {}): Config {
  const body = {
    local: false,
    installation: "test",
    gridMs: 60_000,
    shards: 1,
    vantages: ["local"],
    lanes: 1,
    targets,
    metrics: { public: true, created: false, detail: "standard" as const },
    retention: { samplesDays: 30, rollupsDays: 400 },
    ...over,
  };
  return { hash: JSON.stringify(body), ...body };
}

/** A sample for an order, as a prober would make it. */
export function sampleOf(task: ProbeTask, at: number, outcome: Outcome = "ok", failure?: Failure): Sample {
  return {
    target: task.target.name,
    probe: task.plan.kind,
    vantage: task.vantage,
    slot: task.slot,
    attempt: task.attempt,
    startedAt: at,
    durationMs: 7,
    outcome,
    ...(failure === undefined ? {} : { failure }),
    steps: [],
    observations: [],
    traceId: "0123456789abcdef0123456789abcdef",
  };
}

/** A Monitor on real storage with a clock, a prober and a death that tests control. */
export class World {
  now = START;
  alarmAt = 0;
  readonly events: WatchEvent[] = [];
  probe: RunProbes = async (tasks, _deadline, deliver) => deliver(tasks.map((o) => sampleOf(o, this.now)));
  readonly backlog: SampleBacklog;
  readonly alerter: AlerterPort | undefined;
  core: MonitorCore;
  /** Storage takes no commit. */
  failCommits = false;
  /** Rows written since the test last set it to 0. */
  rows = 0;
  /** Aborts when the test says that the tick's deadline has come. */
  deadline = new AbortController();
  readonly deadlines = new Deadlines();
  readonly #storage: DurableObjectStorage;
  #life = 0;

  constructor(storage: DurableObjectStorage, initial: Config, alerter?: AlerterPort) {
    this.alerter = alerter;
    this.#storage = storage;
    this.backlog = new SampleBacklog(storage);
    this.core = this.restart(initial);
  }

  /** A new life of the object: what the old one still does no longer reaches storage. */
  restart(next: Config, inForce = next): MonitorCore {
    const life = ++this.#life;
    const alive = (): void => {
      if (life !== this.#life) throw new Error("This object is dead.");
    };
    const storage = this.#storage;
    this.core = new MonitorCore({
      storage: {
        sql: {
          exec: (query, ...bindings) => {
            alive();
            const done = storage.sql.exec(query, ...bindings);
            this.rows += done.rowsWritten;
            return done;
          },
        },
        transactionSync: (work) => {
          alive();
          return storage.transactionSync(() => {
            const result = work();
            if (this.failCommits) throw new Error("Storage takes nothing.");
            return result;
          });
        },
        setAlarm: (at) => {
          if (life === this.#life) this.alarmAt = at;
        },
      },
      config: inForce,
      base: next.hash,
      kinds: KINDS,
      shard: 0,
      alerter: this.alerter,
      version: "test",
      probe: (...batch) => this.probe(...batch),
      backlog: {
        append: (owner, samples) => {
          alive();
          return this.backlog.append(owner, samples);
        },
        shipping: () => this.backlog.shipping(),
        slotsAfter: (after) => this.backlog.slotsAfter(after),
      },
      now: () => this.now,
      startDeadline: () => this.deadlines.startWith(this.deadline),
      log: (event) => {
        if (life === this.#life) this.events.push(event);
      },
    });
    return this.core;
  }

  /** Every number that is stored, by its full name, as a Monitor that starts now would show it. */
  stored(): Map<string, number> {
    const numbers = new Map<string, number>();
    for (const block of new Head(this.#storage, allFamilies(PROBE_KINDS), MONITOR_META).table.blocks.values())
      for (const c of block.layout.columns)
        for (let i = 0; i < c.width; i++)
          numbers.set(`${c.family}{${block.target};${c.labels}}[${i}]`, block.values[c.offset + i] as number);
    return numbers;
  }

  /** How many recent ids are stored, per target. */
  recentIds(): number[] {
    const rows = [...this.#storage.sql.exec("SELECT ids FROM recent_id ORDER BY target")];
    return rows.map(({ ids }) => (decodeWithChecksum(ids) as string[]).length);
  }

  /** One stored number; a series that is not there is 0. */
  count(family: string, of: string, labels: string): number {
    return this.stored().get(`${family}{${of};${labels}}[0]`) ?? 0;
  }
}
