import { bugTrace } from "../lib/bug-trace.ts";
import { orLate } from "../lib/deadline.ts";
import { MINUTE_MS } from "../lib/time-units.ts";
import type { AlertLabels, AlertRef, Intake, IntakeAnswer, Join, JoinAnswer } from "../model/alerting/alert.ts";
import { alertKey } from "../model/alerting/alerter-state.ts";
import type { Silence } from "../model/alerting/silence.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Decision } from "../notify/policy/decide.ts";
import { decide } from "../notify/policy/decide.ts";
import { updateIncidents } from "../notify/policy/incidents.ts";
import type { AlerterHead } from "../store/alerter/alerter-head.ts";
import { rebase } from "./alerter-clock.ts";
import { alerterGauges } from "./alerter-gauges.ts";
import type { AlerterPorts } from "./alerter-ports.ts";
import { AlerterSide } from "./alerter-side.ts";
import { applyDecision } from "./apply-decision.ts";
import { join } from "./generations.ts";
import { takeIntake } from "./intake.ts";
import { loadHead, logGeneration } from "./load-head.ts";
import { nextAlarm } from "./next-alarm.ts";
import { OutboxPump } from "./outbox-pump.ts";
import { beginDrill, raiseOwnAlerts } from "./own-alerts.ts";
import { prune } from "./prune.ts";
import { endLost } from "./repair-state.ts";

const START_FAMILY = "zako_watch_alerter_start_timestamp_seconds";
/** How long after something of ours broke it is tried again. */
const AFTER_BREAK_MS = 5_000;

/**
 * The Alerter without its Durable Object. Every input is applied, decided on and committed in one transaction together
 * with the resulting messages, before anything is awaited. The alarm sends the messages.
 */
export class AlerterCore {
  readonly #ports: AlerterPorts;
  readonly #pump: OutboxPump;
  readonly #side: AlerterSide;
  #head: AlerterHead | undefined;
  #decision: Decision | undefined;
  /** The latest time seen, epoch ms. An earlier clock was set back. */
  #latest = 0;
  #minute = 0;
  /** When the work of each minute was last done, epoch ms; undefined if not yet since the object was loaded. */
  #wokenAt: number | undefined;
  #commits = 0;
  /** When the object was loaded, epoch ms. */
  readonly #startedAt: number;
  /** When the head was loaded, epoch ms, until lost rows have been repaired; then undefined. */
  #loadedAt: number | undefined;

  constructor(ports: AlerterPorts) {
    this.#ports = ports;
    this.#startedAt = ports.now();
    const commit = (head: AlerterHead): void => this.#commit(head);
    this.#pump = new OutboxPump(ports, { head: () => this.head(), decide: () => this.#redecide(), commit });
    this.#side = new AlerterSide(ports, { head: () => this.head(), commit });
  }

  /** Applies a Monitor's report. Never waits for a receiver. */
  intake(intake: Intake): IntakeAnswer {
    return this.#change((head, now) => {
      // A report is stored anyway, so this costs no extra write.
      head.gauge([{ family: START_FAMILY, labels: {}, value: this.#startedAt / 1000 }], now);
      return takeIntake(head, intake, this.#ports.config.hash, now);
    });
  }

  /** Lets a Monitor in. */
  join(request: Join): JoinAnswer {
    return this.#change((head, now) => {
      const before = head.generation?.number;
      const answer = join(head, request, this.#ports.config, now);
      if (before !== head.generation?.number) logGeneration(head, this.#ports);
      return answer;
    });
  }

  /** Adds or replaces a silence. The caller has validated it. */
  putSilence(silence: Silence): void {
    this.#change((head) => head.silences.set(silence.id, silence));
  }

  /** Expires a silence now; returns whether it existed and had not ended. */
  expireSilence(id: string): boolean {
    return this.#change((head, now) => {
      const silence = head.silences.get(id);
      if (silence === undefined || now >= Math.min(silence.endsAt, silence.expiredAt ?? silence.endsAt)) return false;
      head.silences.set(id, { ...silence, expiredAt: now });
      return true;
    });
  }

  /** Acknowledges a firing alert; returns whether it is firing. */
  acknowledge(ref: AlertRef, by: string, comment: string): boolean {
    return this.#change((head, at) => {
      const alert = head.newestOf(ref.fingerprint);
      if (alert === undefined || alert.resolvedAt !== undefined || alert.startsAt !== ref.startsAt) return false;
      if (head.acknowledgements.get(alertKey(ref)) === undefined)
        head.acknowledgements.set(alertKey(ref), { by, at, comment });
      return true;
    });
  }

  /** Sends a test alert with these labels, marked as a drill, through the whole path. `by`: who requested it. */
  drill(labels: AlertLabels, by: string): AlertRef {
    return this.#change((head, now) => beginDrill(head, labels, { id: this.#ports.newId(), by }, now));
  }

  /** Cron and alarm: own alerts, due decisions, messages, heartbeats, history. Never throws. */
  async wake(): Promise<void> {
    try {
      this.#change((head, now) => this.#countMinute(head, now));
      await this.#carryOut();
    } catch (error) {
      this.#head = undefined;
      this.#ports.log({ event: "error", place: "alerter", error: bugTrace(error) });
    } finally {
      this.#arm();
    }
  }

  /**
   * Sending messages may keep one alarm busy for minutes, and no other alarm comes meanwhile. The work of each minute does
   * not wait for it.
   */
  async #carryOut(): Promise<void> {
    const messages = this.#pump.run().then(() => true);
    // Its rejection is handled where it is awaited; this avoids an unhandled rejection until then.
    messages.catch(() => {});
    for (let isDone = false; !isDone; ) {
      await this.#side.run();
      using minute = this.#ports.startDeadline(MINUTE_MS);
      isDone = await orLate(messages, minute.signal, false);
      this.#change((head, now) => {
        this.#countMinute(head, now);
        prune(head, this.#ports.config, now);
      });
    }
  }

  /** The last decision, with its reasons. */
  decision(): Decision {
    if (this.#decision === undefined) this.#redecide();
    return this.#decision as Decision;
  }

  /** The current numbers. Read them before anything is awaited. */
  snapshot(): Snapshot {
    const blocks = [...this.head().series.blocks.values()];
    return { version: this.version(), blocks };
  }

  /** Changes whenever the numbers change, while the object is loaded. */
  version(): string {
    return `${this.#ports.config.hash}.${this.#commits}`;
  }

  /** State in memory, loaded on first use. */
  head(): AlerterHead {
    if (this.#head !== undefined) return this.#head;
    const now = this.#ports.now();
    const head = loadHead(this.#ports, (id) => this.#pump.isFlying(id), now);
    this.#loadedAt = now;
    this.#head = head;
    return head;
  }

  #change<Answer>(apply: (head: AlerterHead, now: number) => Answer): Answer {
    const head = this.head();
    const now = this.#ports.now();
    try {
      if (now < this.#latest) rebase(head, now);
      this.#latest = now;
      const answer = apply(head, now);
      this.#decideOn(head, now);
      this.#commit(head);
      return answer;
    } catch (error) {
      this.#head = undefined;
      throw error;
    } finally {
      this.#arm();
      this.#pump.kick();
    }
  }

  #redecide(): void {
    const head = this.head();
    this.#decideOn(head, this.#ports.now());
    this.#commit(head);
  }

  #decideOn(head: AlerterHead, now: number): void {
    const { config, refreshOf } = this.#ports;
    raiseOwnAlerts(head, config, now);
    if (this.#loadedAt !== undefined && endLost(head, Math.min(this.#loadedAt, now), now)) this.#loadedAt = undefined;
    for (const incident of updateIncidents(head.incidents.all, head.alerts.all.values(), head.acknowledgements.all)) {
      head.incidents.set(incident.id, incident);
      if (incident.state === "down") head.notes.set(incident.id, { kind: "incident", incident });
    }
    const decision = decide({
      ...config,
      refreshOf,
      alerts: head.alerts.all,
      acknowledgements: head.acknowledgements.all,
      silences: [...head.silences.all.values()],
      endpoints: head.endpoints.all,
      notificationGroups: head.notificationGroups.all,
      notificationLog: [...head.notificationLog.all.values()],
      outbox: [...head.outbox.all.values()],
      now,
    });
    applyDecision(head, decision, this.#ports, now);
    head.gauge(alerterGauges(head, decision, now), now);
    this.#decision = decision;
  }

  #commit(head: AlerterHead): void {
    try {
      if (head.commit()) this.#commits++;
    } catch (error) {
      // Memory is ahead of storage: the next input starts from the committed state.
      this.#head = undefined;
      throw error;
    }
  }

  #countMinute(head: AlerterHead, now: number): void {
    this.#wokenAt = now;
    const minute = Math.floor(now / MINUTE_MS);
    if (minute === this.#minute) return;
    this.#minute = minute;
    for (const [key, shard] of [...head.shards.all])
      if (now - shard.lastSeenAt > 1.5 * MINUTE_MS)
        head.shards.set(key, { ...shard, missedWakes: shard.missedWakes + 1 });
  }

  #arm(): void {
    const now = this.#ports.now();
    if (this.#head === undefined) {
      this.#ports.storage.setAlarm(now + AFTER_BREAK_MS);
      return;
    }
    const isFlying = (id: string): boolean => this.#pump.isFlying(id);
    const at = nextAlarm(this.#head, { wokenAt: this.#wokenAt, decideAt: this.#decision?.nextAt, isFlying, now });
    this.#ports.storage.setAlarm(at);
  }
}
