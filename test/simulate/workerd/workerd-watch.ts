import type { Silence } from "../../../functions/model/alerting/silence.ts";
import type { Planned } from "../world/clock.ts";
import { planCrons } from "../world/crons.ts";
import type { Watcher, World } from "../world/world.ts";
import { RealReceiver } from "./real-receiver.ts";
import { RealZako } from "./real-zako.ts";
import { type Act, type IncidentRow, OBJECTS, type ObjectName, type Stepped } from "./step.ts";
import { WorkerProcess } from "./worker-process.ts";

/** Where messages of the scenarios go. */
const RECEIVERS = ["team", "oncall", "manager"];
/** After a death in its alarm, the platform repeats it. */
const ALARM_RETRY_MS = 2_000;

/** An object's alarm, as the platform keeps it. */
interface Alarm {
  planned?: Planned;
  at?: number;
  /** The step that handles it. */
  handledBy?: number;
}

/**
 * The product in workerd, in a world of the simulator: real Durable Objects, D1 and KV, real probes and messages over
 * loopback. Only time is the script's. It stands still while anything moves; a wait for somebody who hangs lasts 200 ms,
 * and then as long as the deadline says.
 */
export class WorkerdWatch implements Watcher {
  readonly #world: World;
  readonly #zakos: ReadonlyMap<string, RealZako>;
  readonly #receivers: readonly RealReceiver[];
  readonly #worker: WorkerProcess;
  readonly #alarms: Record<ObjectName, Alarm> = { monitor: {}, alerter: {} };
  #deadline: Planned | undefined;
  #steps = 0;
  #ticks = 0;
  #isBroken = false;
  readonly #errors: string[] = [];

  private constructor(
    world: World,
    zakos: ReadonlyMap<string, RealZako>,
    receivers: readonly RealReceiver[],
    worker: WorkerProcess,
  ) {
    this.#world = world;
    this.#zakos = zakos;
    this.#receivers = receivers;
    this.#worker = worker;
    planCrons(world, world.random.fork(), (time) => this.#do({ kind: "cron", time }));
  }

  /** Starts all servers and the Worker. The caller ends them with `end`. */
  static async start(world: World): Promise<WorkerdWatch> {
    const { config } = world;
    if (config.shards !== 1) throw new Error("One shard is played in workerd.");
    const zakos = new Map<string, RealZako>();
    for (const { name } of config.targets) zakos.set(name, await RealZako.start(world.zako(name)));
    const receivers = await Promise.all(RECEIVERS.map((name) => RealReceiver.start(name, world.receivers)));
    const origins = Object.assign(
      Object.fromEntries([...zakos].map(([name, { url }]) => [originOf(name), url])),
      ...receivers.map((receiver) => receiver.origins),
    );
    return new WorkerdWatch(world, zakos, receivers, await WorkerProcess.start(config, origins));
  }

  deploy(): void {
    throw new Error("Deployments are not played in workerd.");
  }

  push(): void {
    throw new Error("Overrides are not played in workerd.");
  }

  wake(): void {
    throw new Error("Calls of people are not played in workerd.");
  }

  die(): void {
    throw new Error("Deaths at a given await are not played in workerd; evictions are.");
  }

  evict(): void {
    this.#world.truth.deaths.push(this.#world.clock.at);
    this.#do({ kind: "evict" });
  }

  silence(silence: Silence): void {
    this.#do({ kind: "silence", silence });
  }

  acknowledge(fingerprint: string, startsAt: number): void {
    this.#do({ kind: "acknowledge", ref: { fingerprint, startsAt } });
  }

  rowsWritten(): number {
    return Number.NaN;
  }

  ticks(): number {
    return this.#ticks;
  }

  errors(): readonly string[] {
    return this.#errors;
  }

  close(): void {}

  /** What D1 has of incidents. */
  incidents(): Promise<IncidentRow[]> {
    return this.#worker.incidents();
  }

  async end(): Promise<void> {
    await this.#worker.stop();
    await Promise.all([...this.#zakos.values(), ...this.#receivers].map((server) => server.close()));
  }

  /** Does something in the Worker now. The world's clock waits until nothing more comes of it. After a step that failed, nothing. */
  #do(act?: Act): void {
    if (this.#isBroken) return;
    const id = ++this.#steps;
    if (act?.kind === "alarm") this.#alarms[act.object].handledBy = id;
    void this.#world.clock.outside(() =>
      this.#step(id, act).catch((error: unknown) => {
        this.#isBroken = true;
        this.#errors.push(String(error));
      }),
    );
  }

  async #step(id: number, act: Act | undefined): Promise<void> {
    const servers = [...this.#zakos.values(), ...this.#receivers];
    for (const server of servers) await server.follow();
    const hanging = [
      ...[...this.#zakos].flatMap(([name, { hangs }]) => (hangs ? [originOf(name)] : [])),
      ...this.#receivers.flatMap((receiver) => receiver.hanging),
    ];
    const { clock, database } = this.#world;
    const step = { id, now: clock.now(), hanging, isDatabaseDown: database.isDown };
    const stepped = await this.#worker.step(act === undefined ? step : { ...step, act });
    for (const receiver of this.#receivers) receiver.handOn();
    this.#ticks += stepped.ticks;
    this.#errors.push(...stepped.errors);
    this.#planNext(stepped);
  }

  /** Alarms and deadlines are events of the world's clock. */
  #planNext({ alarms, deadlineAt, ended }: Stepped): void {
    const { clock } = this.#world;
    for (const { id, error } of ended) {
      const object = OBJECTS.find((name) => this.#alarms[name].handledBy === id);
      if (object === undefined) continue;
      const alarm = this.#alarms[object];
      delete alarm.handledBy;
      delete alarm.at;
      if (error !== undefined) this.#plan(object, clock.now() + ALARM_RETRY_MS);
    }
    for (const object of OBJECTS) {
      const { handledBy, at } = this.#alarms[object];
      const stored = alarms[object] ?? undefined;
      if (handledBy === undefined && stored !== undefined && stored !== at) this.#plan(object, stored);
    }
    this.#deadline?.cancel();
    this.#deadline = deadlineAt === undefined ? undefined : clock.plan(deadlineAt, () => this.#do());
  }

  #plan(object: ObjectName, at: number): void {
    const alarm = this.#alarms[object];
    alarm.planned?.cancel();
    alarm.at = at;
    alarm.planned = this.#world.clock.plan(at, () => this.#do({ kind: "alarm", object }));
  }
}

const originOf = (target: string): string => `https://${target}.example`;
