import { DurableObject } from "cloudflare:workers";
import { COMPILED_CONFIG } from "../config/compiled.ts";
import { secretOf } from "../lib/secret-of.ts";
import type { AlertLabels, AlertRef, Intake, IntakeAnswer, Join, JoinAnswer } from "../model/alerting/alert.ts";
import type { DeadLetter } from "../model/alerting/alerter-state.ts";
import type { Incident } from "../model/alerting/incident.ts";
import type { Silence, SilenceState } from "../model/alerting/silence.ts";
import { packSnapshot, type WireSnapshot } from "../model/snapshot-wire.ts";
import type { AlerterCore } from "./alerter-core.ts";
import { type AlertView, viewAlerts, viewSilences } from "./alerter-view.ts";
import { type AlerterPlatform, wireAlerter } from "./alerter-wiring.ts";

/** The Durable Object that receives alerts and sends notifications: a thin shell around `AlerterCore`. */
export class Alerter extends DurableObject<Env> {
  readonly #core: AlerterCore;
  /** Makes versions unique across restarts of this object. */
  readonly #life = crypto.randomUUID();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#core = wireAlerter(platformOf(ctx, env), COMPILED_CONFIG);
  }

  /** Receives a Monitor's report; returns when it is stored, without waiting for a receiver. */
  async intake(intake: Intake): Promise<IntakeAnswer> {
    return this.#core.intake(intake);
  }

  /** Registers a Monitor, and returns the alerts that it owns. */
  async join(request: Join): Promise<JoinAnswer> {
    return this.#core.join(request);
  }

  /** Called by cron every minute. Due work is done in the alarm, so that the caller does not wait. */
  async tick(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + 1);
  }

  override async alarm(): Promise<void> {
    await this.#core.wake();
  }

  /** All firing alerts (or also recently resolved ones), with who was notified and why others were not. */
  async alerts(which: "firing" | "kept" = "firing"): Promise<AlertView[]> {
    return viewAlerts(this.#core.head(), this.#core.decision().suppressed, which);
  }

  async silences(): Promise<(Silence & { state: SilenceState })[]> {
    return viewSilences(this.#core.head(), Date.now());
  }

  /** Adds or replaces a silence. The caller has validated it. */
  async putSilence(silence: Silence): Promise<void> {
    this.#core.putSilence(silence);
  }

  /** Expires a silence now; returns whether it existed and had not ended. */
  async expireSilence(id: string): Promise<boolean> {
    return this.#core.expireSilence(id);
  }

  /** Acknowledges a firing alert; returns whether it is firing. */
  async acknowledge(ref: AlertRef, by: string, comment: string): Promise<boolean> {
    return this.#core.acknowledge(ref, by, comment);
  }

  /** Sends a test alert with these labels, marked as a drill, through the whole path. `by`: who requested it. */
  async drill(labels: AlertLabels, by: string): Promise<AlertRef> {
    return this.#core.drill(labels, by);
  }

  /** Incidents of the last 30 days, newest first, including periods of unknown state. */
  async incidents(): Promise<Incident[]> {
    return [...this.#core.head().incidents.all.values()].sort((a, b) => b.openedAt - a.openedAt);
  }

  /** Messages that were given up, newest first. */
  async deadLetters(): Promise<DeadLetter[]> {
    return [...this.#core.head().dead.all.values()].sort((a, b) => b.at - a.at);
  }

  /** The version of the numbers that `read` would return. */
  async version(): Promise<string> {
    return `${this.#life}.${this.#core.version()}`;
  }

  /** The Alerter's own series; with names only if the reader does not have the structure `known`. */
  async read(known?: string): Promise<WireSnapshot> {
    const { blocks } = this.#core.snapshot();
    const structure = `${this.#life}.${this.#core.head().series.structure}`;
    return packSnapshot({ version: await this.version(), structure, blocks }, known);
  }
}

const platformOf = (ctx: DurableObjectState, env: Env): AlerterPlatform => ({
  storage: ctx.storage,
  db: env.DB,
  secret: (name) => secretOf(env, name),
  binding: (name) => Reflect.get(env, name),
});
