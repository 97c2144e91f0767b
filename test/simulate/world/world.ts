import type { AlerterCore } from "../../../functions/alerter/alerter-core.ts";
import type { Silence } from "../../../functions/model/alerting/silence.ts";
import type { Config } from "../../../functions/model/config.ts";
import { shardOf } from "../../../functions/model/probing/placement.ts";
import type { PushAnswer, PushBatch } from "../../../functions/model/probing/push.ts";
import type { WatchEvent } from "../../../functions/model/watch-event.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import type { OfferedOverride } from "../../../functions/store/override-kv.ts";
import type { Answer, Ask, Fault } from "../zako/fault.ts";
import { type Offers, Zako } from "../zako/zako.ts";
import { wireAlerter } from "./alerter-object.ts";
import { Clock } from "./clock.ts";
import { planCrons } from "./crons.ts";
import { Database } from "./database.ts";
import { DurableObject } from "./durable-object.ts";
import type { Meter } from "./meter.ts";
import { type MonitorParts, offered, wireMonitor } from "./monitor-object.ts";
import { type PlatformLaws, USUAL_ALARM_LATE_MS } from "./platform.ts";
import { proberOf } from "./prober.ts";
import { Random } from "./random.ts";
import { Receivers } from "./receivers.ts";
import { Truth } from "./truth.ts";

export const START = Date.UTC(2030, 0, 1);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const KINDS = new Map(PROBE_KINDS.map((kind) => [kind.kind, kind]));
/** What an override in KV does not show at once. */
const KV_STALE_MS = 45_000;

/** Zakos, networks, receivers and the platform, on one clock. Who watches it is joined by a prober. */
export class World {
  readonly clock = new Clock(START);
  readonly truth = new Truth();
  readonly receivers = new Receivers(this.clock);
  /** Another one is set before there is a watcher. */
  database: Database = new Database(this.clock);
  /** What is wrong between the vantages and all targets. */
  readonly network = new Set<Fault>();
  readonly random: Random;
  readonly laws: PlatformLaws;
  /** Crons that the script itself takes out, and those that it makes come twice, by their minute, true epoch ms. */
  readonly scriptedCrons = new Map<number, "missed" | "doubled">();
  /** Targets by name, also those that are watched no more. */
  readonly #zakos = new Map<string, Zako>();
  offers: Offers = "upstream";
  /** How long a good run of a kind takes, ms; left out: as on loopback. */
  runMs?: (kind: string) => number;
  config: Config;
  /** Counts what is used of the platform, where somebody wants to know. Set it before there is a watcher. */
  meter: Meter | undefined;

  constructor(config: Config, seed: number, laws: PlatformLaws) {
    this.config = config;
    this.random = new Random(seed);
    this.laws = laws;
  }

  zako(name: string): Zako {
    let zako = this.#zakos.get(name);
    if (zako === undefined) {
      zako = new Zako(name, this.offers, this.runMs);
      this.#zakos.set(name, zako);
    }
    return zako;
  }

  readonly answer = (ask: Ask): Answer => this.zako(ask.target).answer(ask, this.network);
}

/** Something that watches a world and tells its receivers. */
export interface Watcher {
  /** Deploys another configuration. */
  deploy(config: Config): void;
  /** Pushes an override into KV, or takes it away. */
  push(text: string | null): void;
  /** A call from outside, as a page makes it. */
  wake(): void;
  /** Its parts die at one of their next awaits or commits. */
  die(points: number): void;
  /** Its parts are unloaded now, whatever they do. */
  evict(): void;
  silence(silence: Silence): void;
  acknowledge(fingerprint: string, startsAt: number): void;
  /** Rows written to all storage. */
  rowsWritten(): number;
  ticks(): number;
  /** Errors that it logged, by place. */
  errors(): readonly string[];
  close(): void;
}

/** The product: its Monitors and its Alerter on the simulated platform. */
export class ZakoWatch implements Watcher {
  readonly #world: World;
  #config: Config;
  readonly #monitors = new Map<number, DurableObject<MonitorParts>>();
  readonly #alerter: DurableObject<AlerterCore>;
  readonly #random: Random;
  readonly #probe;
  #kv: { text: string | null; before: string | null; at: number } = { text: null, before: null, at: 0 };
  #ids = 0;
  #ticks = 0;
  readonly #errors: string[] = [];
  /** Sees every event that the product logs. */
  onEvent: (event: WatchEvent) => void = () => {};

  constructor(world: World) {
    this.#world = world;
    this.#config = world.config;
    this.#random = world.random.fork();
    this.#probe = proberOf({
      clock: world.clock,
      kinds: KINDS,
      zako: (name) => world.zako(name),
      answer: world.answer,
      meter: world.meter,
    });
    const { clock, database, receivers, meter } = world;
    if (meter !== undefined) {
      receivers.onTry = () => meter.call();
      database.onCall = () => meter.inner();
    }
    const random = this.#random.fork();
    const newId = (): string => `id-${++this.#ids}`;
    const alerted = { clock, database, receivers, random, newId, log: this.#log };
    this.#alerter = new DurableObject(
      clock,
      (life, storage) => wireAlerter(alerted, this.#config, life, storage),
      this.#lateness,
    );
    if (meter !== undefined) this.#alerter.metered = { meter, role: "alerter", name: "alerter" };
    this.#alerter.idleMs = world.laws.idleMs;
    this.#alerter.onDeath = () => world.truth.deaths.push(clock.at);
    planCrons(world, this.#random, (time) => void this.#scheduled(time));
    this.#deaths();
  }

  deploy(config: Config): void {
    this.#config = config;
    this.#world.config = config;
    // Objects are replaced one after the other, each with its next call.
    for (const object of [this.#alerter, ...this.#monitors.values()])
      this.#world.clock.plan(this.#world.clock.at + this.#random.between(0, 20_000), () => object.kill());
  }

  push(text: string | null): void {
    this.#kv = { text, before: this.#kv.text, at: this.#world.clock.at };
  }

  wake(): void {
    for (let shard = 0; shard < this.#config.shards; shard++) void this.#monitor(shard).call(({ core }) => core.arm());
    this.#alerter.setAlarm(this.#world.clock.now() + 1);
  }

  die(points: number): void {
    for (const object of [this.#alerter, ...this.#monitors.values()]) object.dieSoon(points);
  }

  evict(): void {
    for (const object of [this.#alerter, ...this.#monitors.values()]) object.kill();
  }

  silence(silence: Silence): void {
    void this.#alerter.call((core) => core.putSilence(silence)).catch(() => {});
  }

  acknowledge(fingerprint: string, startsAt: number): void {
    void this.#alerter.call((core) => core.acknowledge({ fingerprint, startsAt }, "ann", "on it")).catch(() => {});
  }

  rowsWritten(): number {
    const objects = [this.#alerter, ...this.#monitors.values()];
    return objects.reduce((sum, { sql }) => sum + sql.rowsWritten, this.#world.database.rowsWritten);
  }

  /** Rows written to the storage of the objects, alarms among them. */
  objectRows(): { monitors: number; alerter: number } {
    const rowsOf = ({ sql, alarmsSet }: { sql: { rowsWritten: number }; alarmsSet: number }): number =>
      sql.rowsWritten + alarmsSet;
    return {
      monitors: [...this.#monitors.values()].reduce((sum, monitor) => sum + rowsOf(monitor), 0),
      alerter: rowsOf(this.#alerter),
    };
  }

  ticks(): number {
    return this.#ticks;
  }

  errors(): readonly string[] {
    return this.#errors;
  }

  close(): void {
    for (const object of [this.#alerter, ...this.#monitors.values()]) object.close();
  }

  readonly #lateness = (): number => this.#random.next() * (this.#world.laws.alarmLateMs ?? USUAL_ALARM_LATE_MS);

  readonly #log = (event: WatchEvent): void => {
    if (event.event === "tick" && event.attempt === 0) this.#ticks++;
    if (
      event.event === "error" &&
      !event.error.includes("This object is dead") &&
      !event.error.includes("It dies here")
    )
      this.#errors.push(`${event.place}: ${event.error}`);
    this.#world.meter?.log(event);
    this.onEvent(event);
  };

  #monitor(shard: number): DurableObject<MonitorParts> {
    let monitor = this.#monitors.get(shard);
    if (monitor === undefined) {
      const { clock, database } = this.#world;
      const over = <T>(use: (core: AlerterCore) => T): Promise<T> => this.#alerter.call(use);
      const alerter = {
        join: (request: Parameters<AlerterCore["join"]>[0]) => this.#hop(() => over((core) => core.join(request))),
        intake: (intake: Parameters<AlerterCore["intake"]>[0]) => this.#hop(() => over((core) => core.intake(intake))),
      };
      const monitored = {
        clock,
        kinds: PROBE_KINDS,
        database,
        readOverride: this.#readOverride,
        alerter,
        probe: this.#probe,
        log: this.#log,
      };
      monitor = new DurableObject(
        clock,
        (life, storage) => wireMonitor(monitored, this.#config, shard, life, storage),
        this.#lateness,
      );
      const { meter } = this.#world;
      if (meter !== undefined) monitor.metered = { meter, role: "monitor", name: `monitor:${shard}` };
      monitor.idleMs = this.#world.laws.idleMs;
      this.#monitors.set(shard, monitor);
    }
    return monitor;
  }

  /** A call to another object, as a message: what is not plain data does not arrive. */
  async #hop<T>(call: () => Promise<T>): Promise<T> {
    await this.#world.clock.sleep(4);
    return await call();
  }

  readonly #readOverride = async (): Promise<OfferedOverride> => {
    this.#world.meter?.kvRead();
    const { text, before, at } = this.#kv;
    const isStale = this.#world.clock.at - at < this.#random.next() * KV_STALE_MS;
    return offered(isStale ? before : text);
  };

  /** As `scheduled()` of `functions/worker.ts`. */
  async #scheduled(time: number): Promise<void> {
    const { meter, clock } = this.#world;
    const run = async (): Promise<void> => {
      this.#alerter.setAlarm(clock.now() + 1);
      if (meter !== undefined) void meter.invoke("alerter", "alerter", () => {});
      const override = await this.#readOverride();
      const shards = Array.from({ length: this.#config.shards }, (_, shard) => shard);
      const wakes = shards.map((shard) => this.#monitor(shard).call((parts) => parts.wakes.wake(time, override)));
      await Promise.allSettled(wakes);
    };
    await (meter === undefined ? run() : meter.invoke("cron", "cron", run));
  }

  /** As the receiver of pushes hands one to the target's Monitor. */
  pushTo(target: string, batch: PushBatch): Promise<PushAnswer> {
    return this.#monitor(shardOf(target, this.#config.shards)).call(({ pushes }) => pushes.push(target, batch));
  }

  /** How often objects were evicted for want of work, and how often a pending timer kept one. */
  idleness(): { evictions: number; keptAwake: number } {
    const objects = [this.#alerter, ...this.#monitors.values()];
    return {
      evictions: objects.reduce((sum, { evictions }) => sum + evictions, 0),
      keptAwake: objects.reduce((sum, { keptAwake }) => sum + keptAwake, 0),
    };
  }

  /** As `/metrics` asks each object for its version, and where that has changed for its numbers. */
  async scrape(): Promise<void> {
    const { meter } = this.#world;
    const ask = async (): Promise<void> => {
      for (let shard = 0; shard < this.#config.shards; shard++) {
        await this.#monitor(shard).call(({ core }) => core.version());
        await this.#monitor(shard).call(({ core }) => core.snapshot().version);
      }
      await this.#alerter.call((core) => core.version());
      await this.#alerter.call((core) => core.snapshot().version);
    };
    await (meter === undefined ? ask() : meter.invoke("page", "page", ask));
  }

  #deaths(): void {
    const { clock, laws } = this.#world;
    const often = (perHour: number, act: (object: DurableObject<never>) => void): void => {
      if (perHour <= 0) return;
      const next = (): void => {
        const waitMs = (-Math.log(1 - this.#random.next()) * HOUR) / perHour;
        clock.plan(clock.at + waitMs, () => {
          act(this.#random.pick([this.#alerter, ...this.#monitors.values()]) as DurableObject<never>);
          next();
        });
      };
      next();
    };
    often(laws.deathsPerHour ?? 0, (object) => object.dieSoon(this.#random.whole(1, 25)));
    often(laws.evictionsPerHour ?? 0, (object) => object.kill());
  }
}
