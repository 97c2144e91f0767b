import { bugTrace } from "../lib/bug-trace.ts";
import { orLate } from "../lib/deadline.ts";
import type { EndpointState, OutboxRow } from "../model/alerting/alerter-state.ts";
import type { Delivery } from "../model/alerting/delivery.ts";
import { countAlerts } from "../model/alerting/message.ts";
import { beginTry, endTry, OPEN_AFTER, readyAt } from "../notify/delivery/retry.ts";
import type { AlerterHead } from "../store/alerter/alerter-head.ts";
import type { AlerterPorts } from "./alerter-ports.ts";
import { applyOutcome } from "./apply-decision.ts";

/** Time limit of an attempt. Channels have shorter ones; an attempt that exceeds this counts as uncertain. */
const TRY_MS = 11_000;
/** The platform allows 6 connections per invocation; two of them are reserved for critical messages. */
const MAX_AT_ONCE = 6;
const MAX_NOT_CRITICAL = 4;
/** A run starts no attempts after this time: the platform ends an alarm after 15 minutes. */
const MAX_RUN_MS = 120_000;

/** What the pump needs from the core. The head may be replaced at every await. */
export interface OutboxHost {
  head(): AlerterHead;
  /** Decides again after deliveries, and commits. */
  decide(): void;
  commit(head: AlerterHead): void;
}

/** Sends messages from the outbox to their receivers: one at a time per endpoint, critical ones first. */
export class OutboxPump {
  readonly #ports: AlerterPorts;
  readonly #host: OutboxHost;
  /** Messages with a running attempt since the object was loaded, by id. */
  readonly #flying = new Map<string, { row: OutboxRow; done: Promise<void> }>();
  #kick: (() => void) | undefined;
  #runs = false;

  constructor(ports: AlerterPorts, host: OutboxHost) {
    this.#ports = ports;
    this.#host = host;
  }

  /** Whether an attempt of this message is running. */
  isFlying(id: string): boolean {
    return this.#flying.has(id);
  }

  get isRunning(): boolean {
    return this.#runs;
  }

  /** Makes a running run look again for messages that can be sent. */
  kick(): void {
    this.#kick?.();
  }

  /** Makes all due attempts, including those that become due meanwhile. A concurrent second run returns at once. */
  async run(): Promise<void> {
    if (this.#runs) {
      this.kick();
      return;
    }
    this.#runs = true;
    const endAt = this.#ports.now() + MAX_RUN_MS;
    try {
      for (;;) {
        const kicked = new Promise<void>((resolve) => {
          this.#kick = resolve;
        });
        if (this.#ports.now() < endAt) this.#begin();
        if (this.#flying.size === 0) return;
        await Promise.race([kicked, ...[...this.#flying.values()].map(({ done }) => done)]);
      }
    } finally {
      this.#kick = undefined;
      this.#runs = false;
    }
  }

  #begin(): void {
    this.#host.decide();
    const head = this.#host.head();
    const rows = this.#pick(head);
    if (rows.length === 0) return;
    for (const row of rows) head.outbox.set(row.message.id, beginTry(row, this.#ports.now()));
    this.#host.commit(head);
    for (const { message } of rows) {
      const row = head.outbox.get(message.id) as OutboxRow;
      this.#flying.set(message.id, { row, done: this.#try(row, head.endpoints.get(row.endpointKey) as EndpointState) });
    }
  }

  #pick(head: AlerterHead): OutboxRow[] {
    const now = this.#ports.now();
    const flying = [...this.#flying.values()].map(({ row }) => row);
    const taken = new Set(flying.map(({ endpointKey }) => endpointKey));
    let ordinary = flying.filter(({ critical }) => !critical).length;
    const picked: OutboxRow[] = [];
    for (const row of inOrder(head.outbox.all.values())) {
      if (flying.length + picked.length >= MAX_AT_ONCE) break;
      const endpoint = head.endpoints.get(row.endpointKey);
      if (endpoint === undefined || taken.has(row.endpointKey) || readyAt(row, endpoint) > now) continue;
      if (!row.critical && ++ordinary > MAX_NOT_CRITICAL) continue;
      taken.add(row.endpointKey);
      picked.push(row);
    }
    return picked;
  }

  async #try(row: OutboxRow, { endpoint }: EndpointState): Promise<void> {
    const { id } = row.message;
    try {
      this.#end(id, await this.#deliver(row, endpoint));
    } catch (error) {
      // If the result could not be stored, the attempt looks interrupted after the next load, and is repeated.
      this.#ports.log({ event: "error", place: "delivery", error: bugTrace(error) });
    } finally {
      this.#flying.delete(id);
    }
  }

  async #deliver({ message }: OutboxRow, endpoint: EndpointState["endpoint"]): Promise<Delivery> {
    using deadline = this.#ports.startDeadline(TRY_MS);
    const { signal } = deadline;
    const late: Delivery = { kind: "uncertain", reason: "timeout", message: "the attempt did not end in time" };
    try {
      return await orLate(this.#ports.deliver(message, endpoint, signal), signal, late);
    } catch (error) {
      this.#ports.log({ event: "error", place: "channel", error: bugTrace(error) });
      return { kind: "uncertain", reason: "internal", message: "the channel failed during the attempt" };
    }
  }

  #end(id: string, delivery: Delivery): void {
    const head = this.#host.head();
    const row = head.outbox.get(id);
    const known = row === undefined ? undefined : head.endpoints.get(row.endpointKey);
    if (row === undefined || known === undefined) return;
    const now = this.#ports.now();
    const after = endTry(row, known, delivery, now, this.#ports.random());
    head.endpoints.set(row.endpointKey, after.endpoint);
    applyOutcome(head, after.row, after.endpoint, after.outcome, this.#ports, now);
    const { receiver, reason, status } = row.message;
    const { channel } = known.endpoint;
    if (delivery.kind !== "delivered") {
      const labels = { receiver, channel, reason: delivery.reason };
      head.count([{ family: "zako_watch_notification_failures_total", labels, value: 1 }], now);
    }
    this.#host.commit(head);
    this.#ports.log({
      event: "notification",
      id,
      receiver,
      channel,
      reason,
      status,
      ...countAlerts(row.message),
      outcome: after.outcome.kind === "arrived" ? "delivered" : after.outcome.kind,
      tries: row.tries,
      why: delivery.kind === "delivered" ? "" : `${delivery.reason}: ${delivery.message}`,
    });
  }
}

/**
 * Critical ones first, then those with the oldest attempt: a message that its receiver never accepts must not keep other
 * messages from their turn. Its alerts go to other receivers by then.
 */
const inOrder = (rows: Iterable<OutboxRow>): OutboxRow[] =>
  [...rows].sort(
    (a, b) =>
      Number(isFirst(b)) - Number(isFirst(a)) || (a.triedAt ?? 0) - (b.triedAt ?? 0) || a.createdAt - b.createdAt,
  );

const isFirst = ({ critical, tries }: OutboxRow): boolean => critical && tries < OPEN_AFTER;
