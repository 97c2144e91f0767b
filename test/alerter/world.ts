import { AlerterCore } from "../../functions/alerter/alerter-core.ts";
import type { AlerterConfig } from "../../functions/alerter/alerter-ports.ts";
import type {
  Alert,
  AlertLabels,
  AlertRef,
  Intake,
  IntakeAnswer,
  Resolve,
} from "../../functions/model/alerting/alert.ts";
import type { OutboxRow } from "../../functions/model/alerting/alerter-state.ts";
import type { Delivery } from "../../functions/model/alerting/delivery.ts";
import { fingerprint } from "../../functions/model/alerting/fingerprint.ts";
import type { Message } from "../../functions/model/alerting/message.ts";
import type { Endpoint, Receiver } from "../../functions/model/alerting/receiver.ts";
import type { Route, SeverityPolicy } from "../../functions/model/alerting/route.ts";
import type { WatchEvent } from "../../functions/model/watch-event.ts";
import { DEFAULT_NOTIFY } from "../../functions/notify/policy/default-notify.ts";
import type { HistoryNote } from "../../functions/store/alerter/alerter-shapes.ts";
import { decodeWithChecksum } from "../../functions/store/checksummed-json.ts";
import { Deadlines } from "../monitor/deadlines.ts";

export const START = Date.UTC(2030, 0, 1);
export const MINUTE = 60_000;

export function route(over: Partial<Route> = {}): Route {
  return {
    key: "{}",
    matchers: [],
    receiver: "team",
    groupBy: ["target"],
    groupWaitMs: 30_000,
    groupIntervalMs: 5 * MINUTE,
    muteIntervals: [],
    activeIntervals: [],
    continue: false,
    routes: [],
    ...over,
  };
}

export const severity = (over: Partial<SeverityPolicy> = {}): SeverityPolicy => ({
  muteIntervals: [],
  repeatIntervalMs: 4 * 60 * MINUTE,
  escalation: [],
  ...over,
});

export const receiver = (name: string, ...channels: string[]): Receiver => ({
  name,
  endpoints: (channels.length === 0 ? ["fake"] : channels).map((channel, i) => ({
    channel,
    options: { to: `${name}.${i}` },
    sendResolved: true,
  })),
});

export function alerterConfig(over: Partial<AlerterConfig> = {}): AlerterConfig {
  return {
    hash: "one",
    shards: 1,
    policy: {
      route: route(),
      severities: { critical: severity(), warning: severity(), info: severity() },
      intervals: [],
      inhibitions: DEFAULT_NOTIFY.policy.inhibitions,
    },
    receivers: [receiver("team")],
    externalUrl: "https://watch.test",
    staleAfterMs: 3 * MINUTE,
    heartbeats: [],
    ownerOf: (_labels, shard) => shard,
    ...over,
  };
}

export function alert(labels: AlertLabels, startsAt: number, summary = "It is so."): Alert {
  const all = { alertname: "ZakoTest", severity: "critical", ...labels };
  return { fingerprint: fingerprint(all), labels: all, annotations: { summary }, startsAt };
}

/**
 * How an endpoint behaves: `lost` takes the message, but nobody hears of it; `silent` may not even have got it; `hangs` is
 * silent for a whole try; `busy` asks to come back in a day.
 */
export type Mode = "takes" | "lost" | "silent" | "hangs" | "fails" | "busy" | "rejects" | "refuses";

/** A message as it reached an endpoint. */
export interface Arrival {
  /** `RECEIVER.INDEX`. */
  to: string;
  message: Message;
  at: number;
}

/** One try of a message that the Alerter began. */
export interface Try extends Arrival {
  /** What the Alerter could know of it; `cut` where it died meanwhile. `at` is when it began. */
  notificationLog: Delivery["kind"] | "cut";
}

/** The deadline of a try. */
const HANG_MS = 10_000;

class Dead extends Error {}

/** An Alerter on real storage, with a clock, receivers, Monitors and a death that tests control. */
export class AlerterWorld {
  now = START;
  alarmAt = Number.POSITIVE_INFINITY;
  core: AlerterCore;
  config: AlerterConfig;
  readonly modes = new Map<string, Mode>();
  /** Every message that got through, in order. */
  readonly arrivals: Arrival[] = [];
  readonly tries: Try[] = [];
  readonly events: WatchEvent[] = [];
  readonly recorded: HistoryNote[] = [];
  beats = 0;
  takesHistory = true;
  /** Points at which the object could have died so far, and the one at which it will. */
  points = 0;
  dieAt = Number.POSITIVE_INFINITY;
  /** Names of the points that were passed. */
  readonly passed = new Map<string, number>();
  onDeliver: ((message: Message) => Promise<void>) | undefined;
  refresh: { everyMs: number; resolvedForMs: number } | undefined;
  jitter = 0.5;
  #life = 0;
  #ids = 0;
  #died = false;
  readonly #storage: DurableObjectStorage;
  readonly deadlines = new Deadlines();

  constructor(storage: DurableObjectStorage, config: AlerterConfig = alerterConfig()) {
    this.#storage = storage;
    this.config = config;
    this.core = this.restart();
  }

  get died(): boolean {
    return this.#died;
  }

  /** A new life of the object, with the same storage. */
  restart(config: AlerterConfig = this.config): AlerterCore {
    const life = ++this.#life;
    this.#died = false;
    this.config = config;
    const storage = this.#storage;
    if (this.points > 0) this.#countCut();
    const answered = new Map<string, { entry: Try; kind: Delivery["kind"] }>();
    const alive = (): void => {
      if (life !== this.#life || this.#died) throw new Dead("This object is dead.");
    };
    const point = (name: string): void => {
      alive();
      this.passed.set(name, (this.passed.get(name) ?? 0) + 1);
      if (++this.points === this.dieAt) {
        this.#died = true;
        throw new Dead(`It dies at ${name}.`);
      }
    };
    this.core = new AlerterCore({
      storage: {
        sql: {
          exec: (query, ...bindings) => {
            alive();
            return storage.sql.exec(query, ...bindings);
          },
        },
        transactionSync: (work) => {
          point("before a transaction");
          const done = storage.transactionSync(() => {
            const result = work();
            point("before its commit");
            return result;
          });
          // What a try came to is known once it is stored; before that, a death makes it uncertain.
          for (const [id, { entry, kind }] of answered) {
            const [row] = storage.sql.exec<{ value: string }>("SELECT value FROM outbox WHERE key = ?", id);
            if (row !== undefined && (decodeWithChecksum(row.value) as { trying: boolean }).trying) continue;
            entry.notificationLog = kind;
            answered.delete(id);
          }
          point("after its commit");
          return done;
        },
        setAlarm: (at) => {
          if (life !== this.#life || this.#died) return;
          this.alarmAt = at;
        },
      },
      config,
      deliver: async (message, endpoint) => {
        alive();
        const entry: Try = {
          to: (endpoint.options as { to: string }).to,
          message,
          at: this.now,
          notificationLog: "cut",
        };
        this.tries.push(entry);
        point("before a delivery");
        const delivery = await this.#deliver(message, endpoint);
        point("after a delivery");
        answered.set(message.id, { entry, kind: delivery.kind });
        return delivery;
      },
      refreshOf: (channel) => (channel === "forwarder" ? this.refresh : undefined),
      beat: async () => {
        alive();
        this.beats++;
        return true;
      },
      record: async (notes) => {
        point("before history");
        if (!this.takesHistory) return false;
        this.recorded.push(...notes);
        point("after history");
        return true;
      },
      now: () => this.now,
      random: () => this.jitter,
      newId: () => `id-${++this.#ids}`,
      startDeadline: this.deadlines.start,
      log: (event) => {
        if (life === this.#life) this.events.push(event);
      },
    });
    return this.core;
  }

  /** A try that was stored, and that the object did not live to make, is to its next life one that was cut off. */
  #countCut(): void {
    // It may have died before it had made its tables.
    if ([...this.#storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'outbox'")].length === 0) return;
    for (const { value } of this.#storage.sql.exec<{ value: string }>("SELECT value FROM outbox")) {
      const { message, trying, tries } = decodeWithChecksum(value) as OutboxRow;
      const made = this.tries.filter((one) => one.message.id === message.id).length;
      const to = `${message.receiver}.${message.endpoint}`;
      if (trying && made < tries) this.tries.push({ to, message, at: this.now, notificationLog: "cut" });
    }
  }

  /** Runs alarms in their order until `at`; a death is followed by a new life, which runs the alarm again. */
  async until(at: number): Promise<void> {
    for (let alarms = 0; this.alarmAt <= at; alarms++) {
      if (alarms > 2000) throw new Error("The alarm does not come to rest.");
      this.now = Math.max(this.now, this.alarmAt);
      await this.fire();
    }
    this.now = Math.max(this.now, at);
  }

  /** The alarm, now. */
  async fire(): Promise<void> {
    this.alarmAt = Number.POSITIVE_INFINITY;
    await this.core.wake();
    if (!this.#died) return;
    this.restart();
    this.alarmAt = this.now;
  }

  /** Calls the Alerter from outside; undefined where it died before it could answer. */
  call<Answer>(ask: (core: AlerterCore) => Answer): Answer | undefined {
    try {
      return ask(this.core);
    } catch (error) {
      if (!(error instanceof Dead)) throw error;
      this.restart();
      this.alarmAt = Math.min(this.alarmAt, this.now);
      return undefined;
    }
  }

  /** Messages that reached one endpoint, each id once, in the order they came first. */
  inbox(to: string): Message[] {
    const seen = new Map<string, Message>();
    for (const arrival of this.arrivals)
      if (arrival.to === to && !seen.has(arrival.message.id)) seen.set(arrival.message.id, arrival.message);
    return [...seen.values()];
  }

  async #deliver(message: Message, endpoint: Endpoint): Promise<Delivery> {
    const { to } = endpoint.options as { to: string };
    await this.onDeliver?.(message);
    const mode = this.modes.get(to) ?? "takes";
    if (mode === "takes" || mode === "lost") this.arrivals.push({ to, message, at: this.now });
    switch (mode) {
      case "takes":
        return { kind: "delivered" };
      case "hangs":
        this.now += HANG_MS;
        return { kind: "uncertain", reason: "timeout", message: "no answer" };
      case "lost":
      case "silent":
        return { kind: "uncertain", reason: "timeout", message: "no answer" };
      case "fails":
        return { kind: "failed", retryable: true, reason: "server_error", message: "it answered 500" };
      case "busy": {
        const notBefore = this.now + 86_400_000;
        return { kind: "failed", retryable: true, notBefore, reason: "rate_limited", message: "it answered 429" };
      }
      case "rejects":
        return { kind: "failed", retryable: false, reason: "rejected", message: "it answered 404" };
      case "refuses":
        return { kind: "failed", retryable: false, reason: "gone", message: "it answered 410" };
    }
  }
}

/** What a Monitor reports to. */
interface ReportsTo {
  /** Epoch ms. */
  readonly now: number;
  readonly config: Pick<AlerterConfig, "hash" | "shards">;
  call<Answer>(ask: (core: AlerterCore) => Answer): Answer | undefined;
}

/** A Monitor as the intake law wants it: reports all that fires, and resolves until they are acknowledged. */
export class FakeMonitor {
  readonly firing = new Map<string, Alert>();
  readonly shard: number;
  readonly config: string;
  resolved: Resolve[] = [];
  generation = 0;
  sequence = 0;
  refused = false;
  readonly #world: ReportsTo;

  constructor(world: ReportsTo, shard = 0, config = world.config.hash) {
    this.#world = world;
    this.shard = shard;
    this.config = config;
  }

  begin(one: Alert): Alert {
    this.firing.set(one.fingerprint, one);
    return one;
  }

  end({ fingerprint: print }: Pick<AlertRef, "fingerprint">): void {
    const known = this.firing.get(print);
    if (known === undefined) return;
    this.firing.delete(print);
    this.resolved.push({ fingerprint: print, startsAt: known.startsAt, resolvedAt: this.#world.now, why: "recovered" });
  }

  join(): boolean {
    const { shards } = this.#world.config;
    const answer = this.#world.call((core) => core.join({ shard: this.shard, shards, config: this.config }));
    this.refused = answer?.ok === false;
    if (answer === undefined || !answer.ok) return false;
    this.generation = answer.generation;
    this.sequence = answer.sequence;
    return true;
  }

  /** One report; the Alerter may die of it. */
  report(): IntakeAnswer | undefined {
    if (this.generation === 0 && !this.join()) return undefined;
    const intake = this.intake();
    const answer = this.#world.call((core) => core.intake(intake));
    if (answer === undefined) return undefined;
    if (!answer.ok) {
      this.generation = 0;
      return answer;
    }
    const acknowledged = new Set(answer.acknowledged.map((ref) => `${ref.fingerprint}@${ref.startsAt}`));
    this.resolved = this.resolved.filter((ref) => !acknowledged.has(`${ref.fingerprint}@${ref.startsAt}`));
    return answer;
  }

  intake(): Intake {
    return {
      shard: this.shard,
      generation: this.generation,
      sequence: ++this.sequence,
      slot: this.#world.now,
      firing: [...this.firing.values()],
      resolved: [...this.resolved],
    };
  }
}
