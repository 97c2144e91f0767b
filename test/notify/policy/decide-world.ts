import type { AlerterPorts } from "../../../functions/alerter/alerter-ports.ts";
import { applyDecision, applyOutcome } from "../../../functions/alerter/apply-decision.ts";
import {
  type Acknowledgement,
  alertKey,
  type DeadLetter,
  type EndpointState,
  type KnownAlert,
  type NotificationGroup,
  type NotificationLogEntry,
  type OutboxRow,
} from "../../../functions/model/alerting/alerter-state.ts";
import type { Receiver } from "../../../functions/model/alerting/receiver.ts";
import type { NotifyPolicy } from "../../../functions/model/alerting/route.ts";
import type { Silence } from "../../../functions/model/alerting/silence.ts";
import type { Observation } from "../../../functions/model/metric.ts";
import type { WatchEvent } from "../../../functions/model/watch-event.ts";
import { beginTry, endTry, OPEN_AFTER, readyAt } from "../../../functions/notify/delivery/retry.ts";
import { type Decision, decide } from "../../../functions/notify/policy/decide.ts";
import type { DecideInput, Refresh } from "../../../functions/notify/policy/decide-input.ts";
import type { Send } from "../../../functions/notify/policy/stages/send.ts";
import type { AlerterHead } from "../../../functions/store/alerter/alerter-head.ts";
import { alert, alerterConfig, receiver, START } from "../../alerter/world.ts";

/** As the Alerter's shelves, but kept nowhere. */
class ProbeStateStore<Value> {
  readonly all = new Map<string, Value>();
  get = (key: string): Value | undefined => this.all.get(key);
  set = (key: string, value: Value): void => void this.all.set(key, value);
  delete = (key: string): void => void this.all.delete(key);
}

function memoryHead() {
  const alerts = new ProbeStateStore<KnownAlert>();
  return {
    alerts,
    acknowledgements: new ProbeStateStore<Acknowledgement>(),
    silences: new ProbeStateStore<Silence>(),
    endpoints: new ProbeStateStore<EndpointState>(),
    notificationGroups: new ProbeStateStore<NotificationGroup>(),
    notificationLog: new ProbeStateStore<NotificationLogEntry>(),
    outbox: new ProbeStateStore<OutboxRow>(),
    dead: new ProbeStateStore<DeadLetter>(),
    notes: new ProbeStateStore<unknown>(),
    putAlert: (one: KnownAlert) => alerts.set(alertKey(one), one),
    counted: [] as Observation[],
    count(observations: readonly Observation[]): void {
      this.counted.push(...observations);
    },
  };
}

/** What becomes of the messages to a receiver: `stuck` ones stay on their way. */
export type Fate = "arrives" | "uncertain" | "refused" | "down" | "stuck";

/**
 * Decisions without an Alerter: what is decided is put into the state by the Alerter's own functions, and arrives at
 * once. Messages are spelled `30s team: first notification +new =known -ended`, the time since `START`, alerts by their
 * targets. No time passes but by `until`, which wakes only when a decision asked for it, and finds out where that was late.
 */
export class DecideWorld {
  readonly head = memoryHead();
  now = START;
  policy: NotifyPolicy;
  receivers: readonly Receiver[];
  targets: DecideInput["targets"] = [];
  maintenance: NonNullable<DecideInput["maintenance"]> = [];
  refresh: Refresh | undefined;
  readonly fates = new Map<string, Fate>();
  readonly logged: WatchEvent[] = [];
  /** What was sent, in order. */
  readonly sent: string[] = [];
  /** Sees every message that is decided on, before it is stored. */
  onSend: ((send: Send, decision: Decision) => void) | undefined;
  /** Sees every try of a message that arrives, or (`certain` being false) may have. */
  onArrival: ((row: OutboxRow, certain: boolean) => void) | undefined;
  /** Sees every message that is withdrawn. */
  onWithdrawn: ((row: OutboxRow) => void) | undefined;
  #ids = 0;

  constructor(policy: Partial<NotifyPolicy> = {}, receivers: readonly Receiver[] = [receiver("team")]) {
    this.policy = { ...alerterConfig().policy, inhibitions: [], ...policy };
    this.receivers = receivers;
  }

  /** An alert begins now; answers its key. A warning about the target `name`, unless the labels say other. */
  begin(name: string, labels: Readonly<Record<string, string>> = {}, more: Partial<KnownAlert> = {}): string {
    const one = alert({ target: name, severity: "warning", ...labels }, this.now);
    const real = Object.fromEntries(Object.entries(one.labels).filter(([, value]) => value !== ""));
    const known: KnownAlert = { ...one, labels: real, shard: 0, receivedAt: this.now, ...more };
    this.head.putAlert(known);
    return alertKey(known);
  }

  /** A target goes down for a cause; the front is that of its server. */
  down(name: string, cause: string, front: string, labels: Readonly<Record<string, string>> = {}): string {
    return this.begin(
      name,
      { severity: "critical", alertname: "ZakoTargetDown", ...labels },
      { outage: { cause, front, down: true } },
    );
  }

  /** A run behind the alert has begun now and has come out so. */
  ran(key: string, failed: boolean): void {
    const one = this.head.alerts.get(key);
    const newestRun = { at: this.now, failed, recheckMs: 15_000, timeoutMs: 10_000, recoveries: 3 };
    if (one !== undefined) this.head.putAlert({ ...one, newestRun });
  }

  end(key: string): void {
    const one = this.head.alerts.get(key);
    if (one !== undefined) this.head.putAlert({ ...one, resolvedAt: this.now, why: "recovered" });
  }

  acknowledge(key: string): void {
    this.head.acknowledgements.set(key, { by: "ann", at: this.now, comment: "" });
  }

  silence(target: string, forMs: number): Silence {
    const id = `s${this.head.silences.all.size}`;
    const what = { matchers: [{ name: "target", op: "=", value: target } as const], maintenance: false };
    const silence = { id, ...what, startsAt: this.now, endsAt: this.now + forMs, author: "ann", reason: "work" };
    this.head.silences.set(id, silence);
    return silence;
  }

  /** The circuits of all endpoints of the receiver open, or close. */
  breaks(name: string, failures = OPEN_AFTER): void {
    for (const [key, endpoint] of this.head.endpoints.all)
      if (endpoint.receiver === name) this.head.endpoints.set(key, { ...endpoint, failures });
  }

  /** What would be decided at `at`; changes nothing. */
  decide(at = this.now): Decision {
    return decide(this.input(at));
  }

  input(now = this.now): DecideInput {
    const { head, policy, receivers } = this;
    return {
      policy,
      receivers,
      targets: this.targets ?? [],
      maintenance: this.maintenance,
      refreshOf: (channel) => (channel === "relay" ? this.refresh : undefined),
      alerts: head.alerts.all,
      acknowledgements: head.acknowledgements.all,
      silences: [...head.silences.all.values()],
      endpoints: head.endpoints.all,
      notificationGroups: head.notificationGroups.all,
      notificationLog: [...head.notificationLog.all.values()],
      outbox: [...head.outbox.all.values()],
      now,
    };
  }

  /** Decides, stores and delivers until there is nothing more to say now; answers what was said. */
  settle(): string[] {
    const before = this.sent.length;
    for (let rounds = 0; ; rounds++) {
      if (rounds > 50) throw new Error(`It does not come to rest: ${this.sent.slice(-4).join("; ")}`);
      const decision = this.decide();
      if (!(decision.nextAt > this.now)) throw new Error("It wants to be asked again in the past.");
      for (const row of decision.withdrawn) this.onWithdrawn?.(row);
      for (const send of decision.sends) {
        this.onSend?.(send, decision);
        this.sent.push(`${this.#spellNow()} ${send.to.receiver}: ${send.reason}${this.#spell(send)}`);
      }
      const config = { externalUrl: "" };
      const log = (event: WatchEvent): void => void this.logged.push(event);
      const ports = { newId: () => `m${this.#ids++}`, config, log } as unknown as AlerterPorts;
      applyDecision(this.#head, decision, ports, this.now);
      const moved = this.#deliver();
      const changes = decision.sends.length + decision.clearedSilently.length + decision.withdrawn.length;
      if (changes + moved === 0) return this.sent.slice(before);
    }
  }

  /** Time passes; answers what was said meanwhile. A decision whose `nextAt` was too late is an error. */
  until(at: number): string[] {
    const before = this.sent.length;
    for (let wakes = 0; ; wakes++) {
      if (wakes > 5000) throw new Error("It wakes for ever.");
      this.settle();
      const { nextAt } = this.decide();
      const last = Math.min(nextAt - 1, at);
      const early = this.decide(last).sends;
      if (early.length > 0) throw new Error(`It had something to say before ${nextAt - START} ms.`);
      const wakeAt = Math.min(nextAt, this.#nextTryAt());
      this.now = Math.min(wakeAt, at);
      if (wakeAt > at) return this.sent.slice(before);
    }
  }

  /** So many milliseconds pass. */
  wait(ms: number): string[] {
    return this.until(this.now + ms);
  }

  /** Words of all who are not told of the alert. */
  suppressedOf(key: string): string[] {
    return (this.decide().suppressed.get(key) ?? []).map(({ receiver: name, why }) => `${name}: ${why}`);
  }

  /** What was counted of templates. */
  get counted(): readonly Observation[] {
    return this.head.counted.filter(({ family }) => family === "zako_watch_template_failures_total");
  }

  get #head(): AlerterHead {
    return this.head as unknown as AlerterHead;
  }

  #nextTryAt(): number {
    const rows = [...this.head.outbox.all.values()].filter(({ message }) => this.#fateOf(message.receiver) !== "stuck");
    return Math.min(...rows.map((row) => this.#readyAt(row)));
  }

  #readyAt(row: OutboxRow): number {
    const endpoint = this.head.endpoints.get(row.endpointKey);
    if (endpoint === undefined) throw new Error("a message to nobody");
    return readyAt(row, endpoint);
  }

  #fateOf(name: string): Fate {
    return this.fates.get(name) ?? "arrives";
  }

  #deliver(): number {
    let moved = 0;
    for (const row of [...this.head.outbox.all.values()]) {
      const fate = this.#fateOf(row.message.receiver);
      if (fate === "stuck" || this.#readyAt(row) > this.now) continue;
      moved++;
      this.#outcome(row, fate);
    }
    return moved;
  }

  #outcome(row: OutboxRow, fate: Exclude<Fate, "stuck">): void {
    const endpoint = this.head.endpoints.get(row.endpointKey);
    if (endpoint === undefined) throw new Error("a message to nobody");
    const begun = beginTry(row, this.now);
    const delivery = {
      arrives: { kind: "delivered" },
      uncertain: { kind: "uncertain", reason: "timeout", message: "no answer" },
      down: { kind: "failed", retryable: true, reason: "connect", message: "no connection" },
      refused: { kind: "failed", retryable: false, reason: "rejected", message: "it answered 400" },
    } as const;
    const after = endTry(begun, endpoint, delivery[fate], this.now, 0.5);
    if (fate === "arrives" || fate === "uncertain") this.onArrival?.(row, fate === "arrives");
    this.head.endpoints.set(row.endpointKey, after.endpoint);
    applyOutcome(this.#head, after.row, after.endpoint, after.outcome, { refreshOf: this.input().refreshOf }, this.now);
  }

  #spellNow(): string {
    const seconds = (this.now - START) / 1000;
    return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
  }

  #spell({ fresh, still, ended }: Send): string {
    const name = (key: string): string => {
      const { target, alertname = "" } = this.head.alerts.get(key)?.labels ?? {};
      return target ?? alertname;
    };
    const marked = [
      ["+", fresh],
      ["=", still],
      ["-", ended],
    ] as const;
    return marked.flatMap(([mark, keys]) => keys.map((key) => ` ${mark}${name(key)}`).sort()).join("");
  }
}
