import { orLate, startDeadline } from "../../lib/deadline.ts";
import type { FleetHistory, HistoryRead } from "../../store/history/read-history.ts";

/** History, and when it was read. */
export interface KnownHistory {
  value: FleetHistory;
  /** Epoch ms. */
  readAt: number;
}

/** What the cache needs. */
export interface HistoryCachePorts {
  read(now: number): Promise<HistoryRead<FleetHistory>>;
  now(): number;
}

/** History is written twice an hour, and reading it costs D1 some rows per target and day. */
const FRESH_MS = 300_000;
/** How long nobody asks again after a failure. */
const RETRY_MS = 15_000;
/** A page is not kept waiting longer than this for the past. */
const TIMEOUT_MS = 2_000;

/**
 * History for the pages, read at most every five minutes. Make it once per isolate. Requests never wait for each other's
 * reads, which the platform does not allow.
 */
export class HistoryCache {
  readonly #ports: HistoryCachePorts;
  #known: KnownHistory | undefined;
  /** When a request began to refresh what is known, or failed to read anything; epoch ms. */
  #claimedAt = Number.NEGATIVE_INFINITY;

  constructor(ports: HistoryCachePorts) {
    this.#ports = ports;
  }

  /** What was read last, fresh if D1 answers in time; undefined where it does not and never did. */
  async history(): Promise<KnownHistory | undefined> {
    const now = this.#ports.now();
    const isFresh = this.#known !== undefined && Math.abs(now - this.#known.readAt) < FRESH_MS;
    if (isFresh || Math.abs(now - this.#claimedAt) < RETRY_MS) return this.#known;
    // Before anything is known, every request asks for itself until one has failed.
    if (this.#known !== undefined) this.#claimedAt = now;
    using deadline = startDeadline(TIMEOUT_MS, now);
    const read = await orLate(this.#ports.read(now), deadline.signal, undefined);
    if (read?.ok === true) this.#known = { value: read.value, readAt: now };
    else this.#claimedAt = now;
    return this.#known;
  }
}
