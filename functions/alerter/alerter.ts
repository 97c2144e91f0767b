import { DurableObject } from "cloudflare:workers";
import { COMPILED_CONFIG } from "../config/compiled.ts";
import { startDeadline } from "../lib/deadline.ts";
import type { AlertLabels, AlertRef, Intake, IntakeAnswer, Join, JoinAnswer } from "../model/alerting/alert.ts";
import type { DeadLetter } from "../model/alerting/alerter-state.ts";
import type { Incident } from "../model/alerting/incident.ts";
import type { NotifyConfig } from "../model/alerting/notify-config.ts";
import type { Silence, SilenceState } from "../model/alerting/silence.ts";
import type { Config } from "../model/config.ts";
import { shardOf } from "../model/probing/placement.ts";
import { packSnapshot, type WireSnapshot } from "../model/snapshot-wire.ts";
import type { WatchEvent } from "../model/watch-event.ts";
import type { ChannelDeps } from "../notify/channels/channel.ts";
import { findChannel } from "../notify/channels/registry.ts";
import { deliver } from "../notify/delivery/deliver.ts";
import { sendHeartbeat } from "../notify/delivery/heartbeat.ts";
import { DEFAULT_NOTIFY } from "../notify/policy/default-notify.ts";
import { writeNotes } from "../store/history/alert-history.ts";
import { AlerterCore } from "./alerter-core.ts";
import type { AlerterConfig } from "./alerter-ports.ts";
import { type AlertView, viewAlerts, viewSilences } from "./alerter-view.ts";

/** The Durable Object that takes alerts in and tells people: a thin shell around `AlerterCore`. */
export class Alerter extends DurableObject<Env> {
  readonly #core: AlerterCore;
  /** Tells structures of two lives of this object apart. */
  readonly #life = crypto.randomUUID();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const notify = COMPILED_CONFIG.notify ?? DEFAULT_NOTIFY;
    const now = (): number => Date.now();
    const depsOf = (signal: AbortSignal): ChannelDeps => ({
      secret: (name) => secretOf(env, name),
      binding: (name) => Reflect.get(env, name),
      fetch: (input, init) => fetch(input, init),
      now,
      local: COMPILED_CONFIG.local,
      signal,
    });
    this.#core = new AlerterCore({
      storage: ctx.storage,
      config: alerterConfig(COMPILED_CONFIG, notify),
      deliver: (message, endpoint, signal) =>
        deliver(message, endpoint, {
          ...depsOf(signal),
          report: (trace) => log({ event: "error", place: `channel ${endpoint.channel}`, error: trace }),
        }),
      refreshOf: (channel) => findChannel(channel)?.refresh,
      beat: async (name, signal) => {
        const heartbeat = notify.heartbeats.find((one) => one.name === name);
        return heartbeat !== undefined && (await sendHeartbeat(heartbeat.secret, depsOf(signal)));
      },
      record: async (notes) => (await writeNotes(env.DB, notes)).ok,
      now,
      random: () => Math.random(),
      newId: () => crypto.randomUUID(),
      startDeadline: (timeoutMs) => startDeadline(timeoutMs, now()),
      log,
    });
  }

  /** Takes a Monitor's report; answers when it is stored, and waits for no receiver. */
  async intake(intake: Intake): Promise<IntakeAnswer> {
    return this.#core.intake(intake);
  }

  /** Lets a Monitor in, with the alerts that are its to speak for. */
  async join(request: Join): Promise<JoinAnswer> {
    return this.#core.join(request);
  }

  /** From cron, every minute: what is due is done in the alarm, so that nobody waits. */
  async tick(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + 1);
  }

  override async alarm(): Promise<void> {
    await this.#core.wake();
  }

  /** Every alert that fires (or that is kept, since it ended not long ago), who knows of it, and why others do not. */
  async alerts(which: "firing" | "kept" = "firing"): Promise<AlertView[]> {
    return viewAlerts(this.#core.head(), this.#core.decision().suppressed, which);
  }

  async silences(): Promise<(Silence & { state: SilenceState })[]> {
    return viewSilences(this.#core.head(), Date.now());
  }

  /** Adds or replaces a silence; the caller has checked it. */
  async putSilence(silence: Silence): Promise<void> {
    this.#core.putSilence(silence);
  }

  /** Ends a silence now; answers whether there was one that had not ended. */
  async expireSilence(id: string): Promise<boolean> {
    return this.#core.expireSilence(id);
  }

  /** Takes a firing alert on; answers whether it fires. */
  async acknowledge(ref: AlertRef, by: string, comment: string): Promise<boolean> {
    return this.#core.acknowledge(ref, by, comment);
  }

  /** Sends a marked test alert with these labels through the whole path; `by` is who asked for it. */
  async drill(labels: AlertLabels, by: string): Promise<AlertRef> {
    return this.#core.drill(labels, by);
  }

  /** Incidents of the last 30 days, newest first; times of which nothing is known among them. */
  async incidents(): Promise<Incident[]> {
    return [...this.#core.head().incidents.all.values()].sort((a, b) => b.openedAt - a.openedAt);
  }

  /** Messages that were given up, newest first. */
  async deadLetters(): Promise<DeadLetter[]> {
    return [...this.#core.head().dead.all.values()].sort((a, b) => b.at - a.at);
  }

  /** The version of the numbers that `read` would give. */
  async version(): Promise<string> {
    return `${this.#life}.${this.#core.version()}`;
  }

  /** The Alerter's own series; names only for a reader that does not hold `known`. */
  async read(known?: string): Promise<WireSnapshot> {
    const { blocks } = this.#core.snapshot();
    const structure = `${this.#life}.${this.#core.head().series.structure}`;
    return packSnapshot(await this.version(), structure, blocks, known);
  }
}

function alerterConfig(config: Config, notify: NotifyConfig): AlerterConfig {
  const targets = new Set(config.targets.map(({ name }) => name));
  const { policy, receivers, staleAfterMs, heartbeats } = notify;
  return {
    hash: config.hash,
    shards: config.shards,
    policy,
    receivers,
    targets: config.targets,
    externalUrl: config.externalUrl ?? "",
    staleAfterMs,
    heartbeats: heartbeats.map(({ name }) => name),
    ownerOf: ({ target }, shard) => {
      if (target === undefined) return shard < config.shards ? shard : undefined;
      return targets.has(target) ? shardOf(target, config.shards) : undefined;
    },
  };
}

const log = (event: WatchEvent): void => console.log(JSON.stringify(event));

const secretOf = (env: Env, name: string): string | undefined => {
  const value: unknown = Reflect.get(env, name);
  return typeof value === "string" ? value : undefined;
};
