import { bugTrace } from "../lib/bug-trace.ts";
import { orLate } from "../lib/deadline.ts";
import type { AlertLabels, AlertRef, Intake, IntakeAnswer, Join, JoinAnswer } from "../model/alerting/alert.ts";
import { alertKey } from "../model/alerting/alerter-state.ts";
import type { Silence } from "../model/alerting/silence.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { lostTry, readyAt } from "../notify/delivery/retry.ts";
import { type Decision, decide } from "../notify/policy/decide.ts";
import { updateIncidents } from "../notify/policy/incidents.ts";
import { AlerterHead } from "../store/alerter/alerter-head.ts";
import { rebase } from "./alerter-clock.ts";
import { alerterGauges } from "./alerter-gauges.ts";
import type { AlerterPorts } from "./alerter-ports.ts";
import { AlerterSide } from "./alerter-side.ts";
import { applyDecision, markKnown } from "./apply-decision.ts";
import { beginGeneration, join } from "./generations.ts";
import { takeIntake } from "./intake.ts";
import { OutboxPump } from "./outbox-pump.ts";
import { beginDrill, raiseOwnAlerts } from "./own-alerts.ts";
import { prune } from "./prune.ts";
import { endLost, expireUnusable, repairState } from "./repair-state.ts";

const MINUTE_MS = 60_000;
const START_FAMILY = "zako_watch_alerter_start_timestamp_seconds";
/** The alarm never comes sooner than this for a decision, whatever a bug may say; messages that can go go at once. */
const SOONEST_MS = 250;
/** How long after something of ours broke it is tried again. */
const AFTER_BREAK_MS = 5_000;

/**
 * The Alerter without its Durable Object. Whatever comes in is applied, decided on and committed in one transaction
 * with the messages that follow from it, before anything is awaited; the alarm carries the messages out.
 */
export class AlerterCore {
  readonly #ports: AlerterPorts;
  readonly #pump: OutboxPump;
  readonly #side: AlerterSide;
  #head: AlerterHead | undefined;
  #decision: Decision | undefined;
  /** The latest moment seen, epoch ms; a clock behind it was set back. */
  #latest = 0;
  #minute = 0;
  /** When what must happen each minute was done last, epoch ms; undefined where this life has not done it yet. */
  #wokenAt: number | undefined;
  #commits = 0;
  /** When this life of the object began, epoch ms. */
  readonly #startedAt: number;
  /** When the head was loaded, epoch ms, while it is open what of it is lost; then undefined. */
  #loadedAt: number | undefined;

  constructor(ports: AlerterPorts) {
    this.#ports = ports;
    this.#startedAt = ports.now();
    const commit = (head: AlerterHead): void => this.#commit(head);
    this.#pump = new OutboxPump(ports, { head: () => this.head(), decide: () => this.#redecide(), commit });
    this.#side = new AlerterSide(ports, { head: () => this.head(), commit });
  }

  /** Takes a Monitor's report. Never waits for a receiver. */
  intake(intake: Intake): IntakeAnswer {
    return this.#change((head, now) => {
      // With a report, which is stored anyway, this costs no write of its own.
      head.gauge([{ family: START_FAMILY, labels: {}, value: this.#startedAt / 1000 }], now);
      return takeIntake(head, intake, now);
    });
  }

  /** Lets a Monitor in. */
  join(request: Join): JoinAnswer {
    return this.#change((head, now) => {
      const before = head.generation?.number;
      const answer = join(head, request, this.#ports.config, now);
      if (before !== head.generation?.number) this.#logGeneration(head);
      return answer;
    });
  }

  /** Adds or replaces a silence that was checked by the caller. */
  putSilence(silence: Silence): void {
    this.#change((head) => head.silences.set(silence.id, silence));
  }

  /** Ends a silence now; answers whether there was one that had not ended. */
  expireSilence(id: string): boolean {
    return this.#change((head, now) => {
      const silence = head.silences.get(id);
      if (silence === undefined || now >= Math.min(silence.endsAt, silence.expiredAt ?? silence.endsAt)) return false;
      head.silences.set(id, { ...silence, expiredAt: now });
      return true;
    });
  }

  /** Somebody takes a firing alert on; answers whether it fires. */
  acknowledge(ref: AlertRef, by: string, comment: string): boolean {
    return this.#change((head, at) => {
      const alert = head.newestOf(ref.fingerprint);
      if (alert === undefined || alert.resolvedAt !== undefined || alert.startsAt !== ref.startsAt) return false;
      if (head.acknowledgements.get(alertKey(ref)) === undefined)
        head.acknowledgements.set(alertKey(ref), { by, at, comment });
      return true;
    });
  }

  /** Sends a marked test alert with these labels through the whole path; `by` is who asked for it. */
  drill(labels: AlertLabels, by: string): AlertRef {
    return this.#change((head, now) => beginDrill(head, labels, { id: this.#ports.newId(), by }, now));
  }

  /** Cron and alarm: own alerts, decisions that time has brought, messages, heartbeats, history. Never throws. */
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
   * Messages may keep one alarm busy for minutes, and no other comes meanwhile: what must happen each minute does not
   * wait for them.
   */
  async #carryOut(): Promise<void> {
    const messages = this.#pump.run().then(() => true);
    // Its failure is seen where it is awaited; until then somebody has to be there for it.
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

  /** What was decided last, for those who ask why. */
  decision(): Decision {
    if (this.#decision === undefined) this.#redecide();
    return this.#decision as Decision;
  }

  /** The numbers as they are; read them before anything is awaited. */
  snapshot(): Snapshot {
    const blocks = [...this.head().series.blocks.values()];
    return { version: this.version(), blocks };
  }

  /** Changes whenever the numbers do, within one life of the object. */
  version(): string {
    return `${this.#ports.config.hash}.${this.#commits}`;
  }

  /** State in memory, loaded on first use. */
  head(): AlerterHead {
    if (this.#head !== undefined) return this.#head;
    const { storage, config, log } = this.#ports;
    const now = this.#ports.now();
    const head = new AlerterHead(storage, now);
    for (const row of head.unreadable()) log({ event: "error", place: "load", error: `cannot read ${row}` });
    rebase(head, now);
    for (const [id, row] of [...head.outbox.all]) {
      // The object died during the try: it may have arrived, so its end is owed, and it is made again.
      if (!row.trying || this.#pump.isFlying(id)) continue;
      head.outbox.set(id, lostTry(row));
      markKnown(head, row, false);
    }
    if (head.generation?.config !== config.hash) {
      beginGeneration(head, config, config, now);
      this.#logGeneration(head);
    }
    repairState(head, config, now);
    for (const expired of expireUnusable(head, now)) log({ event: "silence_expired", ...expired });
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
      policy: config.policy,
      receivers: config.receivers,
      ...(config.targets === undefined ? {} : { targets: config.targets }),
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
      // Memory is ahead of storage now: whatever comes next starts from what was committed.
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

  /**
   * Sets the alarm for whatever comes next, and within a minute of the last in any case: where no cron comes, it is the
   * only waker. Counted from the last change, reports that come often would put it off for ever.
   */
  #arm(): void {
    const now = this.#ports.now();
    if (this.#head === undefined) {
      this.#ports.storage.setAlarm(now + AFTER_BREAK_MS);
      return;
    }
    const latest = this.#wokenAt === undefined ? now : Math.min(this.#wokenAt, now) + MINUTE_MS;
    let at = Math.min(latest, Math.max(this.#decision?.nextAt ?? now, now + SOONEST_MS));
    for (const row of this.#head.outbox.all.values()) {
      const endpoint = this.#head.endpoints.get(row.endpointKey);
      if (!this.#pump.isFlying(row.message.id))
        at = Math.min(at, endpoint === undefined ? now : readyAt(row, endpoint));
    }
    // Never for this very moment: an alarm that is set for now by an alarm may sleep for long.
    this.#ports.storage.setAlarm(Math.max(at, now + 1));
  }

  #logGeneration(head: AlerterHead): void {
    if (head.generation !== undefined) this.#ports.log({ event: "generation", ...head.generation });
  }
}
