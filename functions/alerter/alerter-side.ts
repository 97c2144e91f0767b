import { bugTrace } from "../lib/bug-trace.ts";
import { orLate } from "../lib/deadline.ts";
import { MINUTE_MS } from "../lib/time-units.ts";
import type { AlerterHead } from "../store/alerter/alerter-head.ts";
import type { HistoryNote } from "../store/alerter/alerter-shapes.ts";
import type { AlerterPorts } from "./alerter-ports.ts";

const BEAT_EVERY_MS = 50_000;
const BEAT_TIMEOUT_MS = 10_000;
const RECORD_TIMEOUT_MS = 15_000;
const RECORD_BATCH = 500;
/** Limit for one batch: D1 accepts parameters up to 2 MB. */
const RECORD_CHARACTERS = 400_000;
const RECORD_EVERY_MS = MINUTE_MS;
const MAX_RECORD_WAIT_MS = 900_000;
/** A message that is on its way for longer is overdue. */
const OVERDUE_MS = 300_000;

/** What keeps the heartbeat back, in words; undefined where all is well. */
function heartbeatObstacle(head: AlerterHead, staleAfterMs: number, now: number): string | undefined {
  if (head.shards.all.size === 0) return "no shard has reported yet";
  for (const [shard, { lastSeenAt, sequence }] of head.shards.all) {
    if (sequence === 0) return `shard ${shard} has not reported yet`;
    if (now - lastSeenAt >= staleAfterMs) return `shard ${shard} is stale`;
  }
  for (const { createdAt, message } of head.outbox.all.values())
    if (now - createdAt >= OVERDUE_MS) return `a message to ${message.receiver} is overdue`;
  return undefined;
}

/** The Alerter's side tasks: heartbeats and history. Alerts never wait for them. */
export class AlerterSide {
  readonly #ports: AlerterPorts;
  readonly #host: { head(): AlerterHead; commit(head: AlerterHead): void };
  #beatAt = 0;
  #recordAt = 0;
  #failures = 0;
  #busy = false;

  constructor(ports: AlerterPorts, host: { head(): AlerterHead; commit(head: AlerterHead): void }) {
    this.#ports = ports;
    this.#host = host;
  }

  /** Runs the due side tasks. Never throws. */
  async run(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      await Promise.all([this.#beat(), this.#record()]);
    } catch (error) {
      this.#ports.log({ event: "error", place: "side tasks", error: bugTrace(error) });
    } finally {
      this.#busy = false;
    }
  }

  async #beat(): Promise<void> {
    const { config, now, log } = this.#ports;
    const at = now();
    if (config.heartbeats.length === 0 || (at >= this.#beatAt && at < this.#beatAt + BEAT_EVERY_MS)) return;
    this.#beatAt = at;
    const obstacle = heartbeatObstacle(this.#host.head(), config.staleAfterMs, at);
    if (obstacle !== undefined) {
      log({ event: "heartbeat", ok: false, why: obstacle });
      this.#count("withheld", config.heartbeats.length);
      return;
    }
    const taken = await Promise.all(config.heartbeats.map((name) => this.#beatOne(name)));
    taken.forEach((ok, i) => {
      if (!ok) log({ event: "heartbeat", ok, why: `${config.heartbeats[i]} did not accept it` });
    });
    this.#count("sent", taken.filter((ok) => ok).length);
    this.#count("failed", taken.filter((ok) => !ok).length);
  }

  async #beatOne(name: string): Promise<boolean> {
    using deadline = this.#ports.startDeadline(BEAT_TIMEOUT_MS);
    return await this.#ports.beat(name, deadline.signal).catch(() => false);
  }

  async #record(): Promise<void> {
    const { record, now, startDeadline, log } = this.#ports;
    const notes = batch(this.#host.head().notes.all);
    const at = now();
    const waits = at < this.#recordAt && this.#recordAt <= at + MAX_RECORD_WAIT_MS;
    if (notes.length === 0 || waits) return;
    using deadline = startDeadline(RECORD_TIMEOUT_MS);
    const { signal } = deadline;
    const values = notes.map(([, note]): HistoryNote => note);
    const ok = await orLate(
      record(values, signal).catch(() => false),
      signal,
      false,
    );
    this.#failures = ok ? 0 : this.#failures + 1;
    const waitMs = Math.min(MAX_RECORD_WAIT_MS, RECORD_EVERY_MS * 2 ** Math.min(10, this.#failures));
    this.#recordAt = ok ? at : at + waitMs;
    log({
      event: "history",
      ok,
      why: ok ? `${notes.length} notes` : "incidents and notifications could not be written",
    });
    if (!ok) return;
    const head = this.#host.head();
    // Notes that changed meanwhile stay for the next time.
    for (const [key, note] of notes) if (head.notes.get(key) === note) head.notes.delete(key);
    this.#host.commit(head);
  }

  #count(result: string, value: number): void {
    if (value === 0) return;
    const fact = { family: "zako_watch_heartbeats_total", labels: { result }, value };
    this.#host.head().count([fact], this.#ports.now());
  }
}

function batch(all: ReadonlyMap<string, HistoryNote>): [string, HistoryNote][] {
  const picked: [string, HistoryNote][] = [];
  let characters = 0;
  for (const [key, note] of all) {
    characters += JSON.stringify(note).length;
    if (picked.length > 0 && (picked.length === RECORD_BATCH || characters > RECORD_CHARACTERS)) break;
    picked.push([key, note]);
  }
  return picked;
}
