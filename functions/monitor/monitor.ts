import { DurableObject } from "cloudflare:workers";
import { COMPILED_CONFIG } from "../config/compiled.ts";
import { LONGEST_OVERRIDE } from "../config/override.ts";
import { Blake3 } from "../lib/blake3.ts";
import { bugTrace } from "../lib/bug-trace.ts";
import { type Deadline, pause, startDeadline } from "../lib/deadline.ts";
import { version } from "../lib/version.ts";
import { ALERTER_NAME } from "../model/alerting/alerter-state.ts";
import type { Config } from "../model/config.ts";
import type { PushAnswer, PushBatch } from "../model/probing/push.ts";
import { packSnapshot, type WireSnapshot } from "../model/snapshot-wire.ts";
import type { WatchEvent } from "../model/watch-event.ts";
import { type BatchResult, runBatch } from "../probe/batch.ts";
import { PROBE_KINDS } from "../probe/kinds/registry.ts";
import type { RegionProber } from "../probe/region.ts";
import { SampleBacklog } from "../store/history/history-backlog.ts";
import { NOTHING_SWEPT, type RetentionState, sweepHistory } from "../store/history/retention.ts";
import { writeHours } from "../store/history/write-history.ts";
import { type OfferedOverride, readOverride } from "../store/override-kv.ts";
import { OverrideStore } from "../store/override-store.ts";
import { HistoryWriter } from "./history/history-writer.ts";
import { MonitorCore, type WakeAnswer } from "./monitor-core.ts";
import { OverrideManager } from "./override-manager.ts";
import { PushIntake } from "./push/push-intake.ts";
import { configOfShard, shardOfName } from "./schedule/shard.ts";
import { dispatchTasks, type Lane } from "./tick/dispatch.ts";
import { WakeHandler } from "./wake-handler.ts";

const RETIRED_RETRY_MS = 600_000;

const KINDS = new Map(PROBE_KINDS.map((kind) => [kind.kind, kind]));

/** What a Monitor tells of its ticks, for `/healthz`; epoch ms. */
export interface MonitorReport {
  lastSlot?: number;
  since: number;
  /** Grid of the configuration in force. */
  gridMs: number;
}

/** The Durable Object that watches one shard of the targets: a thin shell around `MonitorCore`. */
export class Monitor extends DurableObject<Env> {
  readonly #core: MonitorCore;
  readonly #history: HistoryWriter;
  readonly #override: OverrideManager;
  readonly #pushes: PushIntake;
  readonly #wakes: WakeHandler;
  /** Tells structures of two lives of this object apart. */
  readonly #life = crypto.randomUUID();
  readonly #since = Date.now();
  readonly #retired: boolean;
  readonly #part: (whole: Config) => Config;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const deployed = COMPILED_CONFIG;
    const backlog = new SampleBacklog(ctx.storage);
    const shard = shardOfName(nameOf(ctx, backlog));
    this.#retired = shard >= deployed.shards;
    // An override cannot change how targets are shared out, so every Monitor finds its part of any config by itself.
    this.#part = (whole) => configOfShard({ ...whole, shards: deployed.shards }, shard);
    const now = (): number => Date.now();
    const start = (timeoutMs: number): Deadline & Disposable => startDeadline(timeoutMs, now());
    const table = new OverrideStore(ctx.storage);
    this.#override = new OverrideManager({ table, deployed, kinds: PROBE_KINDS, now, log });
    this.#core = new MonitorCore({
      storage: ctx.storage,
      config: this.#part(this.#override.config),
      base: deployed.hash,
      kinds: KINDS,
      shard,
      alerter: {
        join: (request) => alerterOf(env).join(request),
        tell: (intake) => alerterOf(env).intake(intake),
      },
      version,
      probe: dispatchTasks(
        () => this.#core.config,
        async (tasks, deadlineAt, deliver) => {
          await runBatch(tasks, {
            installation: deployed.installation,
            imports: deployed.imports,
            timeoutMs: Math.max(1, deadlineAt - now()),
            secret: (name) => secretOf(env, name),
            secrets: () => Object.keys(env).flatMap((name) => secretOf(env, name) ?? []),
            newHash: () => new Blake3(),
            onBug: (place, error) => log({ event: "error", place, error: bugTrace(error) }),
            onSample: (sample) => deliver([sample]),
          });
        },
        async (lane, deadlineAt, deliver) => {
          const batch = {
            tasks: lane.tasks,
            installation: deployed.installation,
            imports: deployed.imports,
            timeoutMs: Math.max(1, deadlineAt - now()),
          };
          const answer: BatchResult = await proberOf(env, lane).run(batch);
          deliver(answer.samples);
        },
        (lane, error) => log({ event: "error", place: `vantage ${lane.vantage}`, error: bugTrace(error) }),
      ),
      backlog,
      now,
      startDeadline: start,
      log,
    });
    this.#pushes = new PushIntake({ core: this.#core, now, delay: pause });
    this.#history = new HistoryWriter({
      backlog,
      shard,
      retention: deployed.retention,
      write: (rows) => writeHours(env.DB, rows),
      sweep: (sweep) => sweepHistory(env.DB, sweep),
      swept: () => backlog.read<RetentionState>("retention") ?? NOTHING_SWEPT,
      saveSwept: (state) => backlog.save("retention", state),
      now,
      startDeadline: start,
      log,
    });
    this.#wakes = new WakeHandler({
      core: this.#core,
      history: this.#history,
      readOverride: () => readOverride(env.KV, LONGEST_OVERRIDE),
      settle: (offered) => this.#settle(offered),
      now,
      startDeadline: start,
      log,
    });
  }

  /**
   * Runs the slot that holds `time` (epoch ms) unless that was done; answers when it is committed. What KV says of an
   * override comes with the wake, and is settled before the slot.
   */
  async wake(time: number, offered?: OfferedOverride): Promise<WakeAnswer> {
    return this.#wakes.wake(time, offered);
  }

  async #settle(offered: OfferedOverride): Promise<void> {
    this.#override.offer(offered);
    this.#core.count(this.#override.takeFacts());
    await this.#core.reconfigure(() => this.#part(this.#override.config));
  }

  /** Takes what was pushed for a target; answers once it is stored, rejects where it could not be. */
  async push(target: string, batch: PushBatch): Promise<PushAnswer> {
    return this.#pushes.push(target, batch);
  }

  override async alarm(): Promise<void> {
    if (!this.#retired) return this.#wakes.alarm();
    // A shard that the config has no more only hands over what history has not taken yet.
    await this.#history.keep(this.#core);
    if (this.#history.isBehind()) await this.ctx.storage.setAlarm(Date.now() + RETIRED_RETRY_MS);
  }

  /** The version of the numbers that `read` would give. */
  async version(): Promise<string> {
    return this.#core.version();
  }

  /** The numbers as they were committed last; names only for a reader that does not hold `known`. */
  async read(known?: string): Promise<WireSnapshot> {
    const { version: at, blocks } = this.#core.snapshot();
    return packSnapshot(at, `${this.#life}.${this.#core.structure()}`, blocks, known);
  }

  /** The whole fleet's configuration that is in force, as JSON, for those who print it; nothing for one who holds `known`. */
  async inForce(known: string): Promise<string | undefined> {
    const { config } = this.#override;
    return config.hash === known ? undefined : JSON.stringify(config);
  }

  async report(): Promise<MonitorReport> {
    const { lastSlot } = this.#core.head().meta;
    const known = { since: this.#since, gridMs: this.#core.config.gridMs };
    return lastSlot === 0 ? known : { ...known, lastSlot };
  }
}

/** The platform need not know an object's name when its alarm wakes it, so it is kept. */
function nameOf(ctx: DurableObjectState, backlog: SampleBacklog): string | undefined {
  const { name } = ctx.id;
  if (name === undefined) return backlog.read<string>("name");
  backlog.save("name", name);
  return name;
}

const alerterOf = (env: Env): ReturnType<Env["ALERTER"]["getByName"]> => env.ALERTER.getByName(ALERTER_NAME);

const log = (event: WatchEvent): void => console.log(JSON.stringify(event));

const secretOf = (env: Env, name: string): string | undefined => {
  const value: unknown = Reflect.get(env, name);
  return typeof value === "string" ? value : undefined;
};

function proberOf(env: Env, lane: Lane): DurableObjectStub<RegionProber> {
  const id = env.REGION_PROBER.idFromName(`${lane.vantage}:${lane.index}`);
  return env.REGION_PROBER.get(id, { locationHint: lane.vantage as DurableObjectLocationHint });
}
