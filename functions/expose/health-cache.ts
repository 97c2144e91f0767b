import { judgeHealth, type MonitorHealth } from "./judge-health.ts";

/** What the Monitors said of their ticks, in the order of the shards; undefined: no answer. */
type Reports = readonly (MonitorHealth | undefined)[];

/** Reports, and when they were asked for, epoch ms. */
export interface KeptHealth {
  at: number;
  reports: Reports;
}

/** What the cache needs from outside. */
export interface HealthPorts {
  /** Asks every Monitor: a Durable Object request for each. */
  ask(): Promise<Reports>;
  /** A store that several isolates of one place share. It may lose everything, and must not throw. */
  shared: { read(): Promise<KeptHealth | undefined>; write(kept: KeptHealth): Promise<void> };
  gridMs: number;
  /** Epoch ms. */
  now(): number;
  pause(durationMs: number): Promise<void>;
}

/** How long reports are used. They are judged by the clock of each request, so that a stop shows as soon as without a cache. */
const WELL_MS = 5_000;
/** The same for reports that say that ticks have stopped: a late report must not look like a stop for long. */
const UNWELL_MS = 1_000;
/** How long one request may take to ask before others ask, too. */
const CLAIM_MS = 2_000;
const STEP_MS = 20;

/**
 * The Monitors' reports from the memory of this isolate, so that those who ask for `/healthz` cost no Durable Object
 * requests, however many they are. While one request asks, others take what is kept, or wait until there is something: they
 * never wait for its promise, which does not settle if that request is cancelled.
 */
export class HealthCache {
  readonly #ports: HealthPorts;
  #kept: KeptHealth | undefined;
  #claimedAt = Number.NEGATIVE_INFINITY;

  constructor(ports: HealthPorts) {
    this.#ports = ports;
  }

  async reports(): Promise<Reports> {
    const { now, pause } = this.#ports;
    for (;;) {
      const kept = this.#kept;
      if (kept !== undefined && this.#isFresh(kept)) return kept.reports;
      const isAsked = Math.abs(now() - this.#claimedAt) < CLAIM_MS;
      if (!isAsked) return this.#refresh();
      // What has just run out is near enough while somebody asks.
      if (kept !== undefined && this.#isWithin(kept, 2 * WELL_MS) && this.#isWell(kept)) return kept.reports;
      await pause(STEP_MS);
    }
  }

  async #refresh(): Promise<Reports> {
    const { ask, shared, now } = this.#ports;
    this.#claimedAt = now();
    const known = await shared.read();
    if (known !== undefined && this.#isFresh(known)) return this.#keep(known).reports;
    const at = now();
    const kept = this.#keep({ at, reports: await ask() });
    await shared.write(kept);
    return kept.reports;
  }

  #keep(kept: KeptHealth): KeptHealth {
    this.#kept = kept;
    this.#claimedAt = Number.NEGATIVE_INFINITY;
    return kept;
  }

  #isFresh(kept: KeptHealth): boolean {
    return this.#isWithin(kept, this.#isWell(kept) ? WELL_MS : UNWELL_MS);
  }

  /** Clocks of two isolates may differ a little; what comes from the future is of no use. */
  #isWithin({ at }: KeptHealth, ageMs: number): boolean {
    return Math.abs(this.#ports.now() - at) < ageMs;
  }

  #isWell({ reports }: KeptHealth): boolean {
    return judgeHealth(reports, this.#ports.gridMs, this.#ports.now()).status === "ok";
  }
}
