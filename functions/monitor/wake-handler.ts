import { bugTrace } from "../lib/bug-trace.ts";
import { orLate, type StartDeadline } from "../lib/deadline.ts";
import type { WatchEvent } from "../model/watch-event.ts";
import type { OfferedOverride } from "../store/override-kv.ts";
import type { HistoryWriter } from "./history/history-writer.ts";
import type { MonitorCore, WakeAnswer } from "./monitor-core.ts";

/** The cron delivers KV's value with each wake. An alarm reads KV itself after this time without a cron wake. */
const OFFER_EVERY_MS = 90_000;

/** Dependencies of a wake handler. */
export interface WakePorts {
  core: Pick<MonitorCore, "wake" | "alarm" | "alertsSent" | "count" | "settledBefore">;
  history: Pick<HistoryWriter, "keep">;
  /** Reads the override from KV, within seconds. */
  readOverride: () => Promise<OfferedOverride>;
  /** Applies an override read from KV. */
  settle: (offered: OfferedOverride) => Promise<void>;
  /** Epoch ms. */
  now: () => number;
  startDeadline: StartDeadline;
  log: (event: WatchEvent) => void;
}

/**
 * Runs a Monitor's wakes by cron or alarm. Both do the same: apply the override, run the slot, send alerts to the Alerter, then
 * write history and apply retention.
 */
export class WakeHandler {
  readonly #ports: WakePorts;
  #offeredAt = Number.NEGATIVE_INFINITY;

  constructor(ports: WakePorts) {
    this.#ports = ports;
  }

  /** By cron: runs the slot of `time` (epoch ms) unless it has been run. Rejects if the tick failed. */
  async wake(time: number, offered?: OfferedOverride): Promise<WakeAnswer> {
    if (offered !== undefined) await this.#settle(offered);
    try {
      return await this.#ports.core.wake(time, "cron");
    } finally {
      await this.#follow();
    }
  }

  /**
   * By alarm: confirmations, then the current slot. Never rejects. The next alarm cannot come while this one is handled, so
   * the work after a tick is awaited only until the next alarm's time, and then ends by itself.
   */
  async alarm(): Promise<void> {
    const { core, now, readOverride, startDeadline } = this.#ports;
    if (now() - this.#offeredAt >= OFFER_EVERY_MS) await this.#settle(await readOverride());
    const nextAt = await core.alarm();
    using deadline = startDeadline(Math.max(1, nextAt - now()));
    await orLate(this.#follow(), deadline.signal, undefined);
  }

  /** The work of each minute. Never rejects. */
  async #follow(): Promise<void> {
    await this.#ports.core.alertsSent();
    await this.#ports.history.keep(this.#ports.core);
  }

  /** Probing continues, whatever is wrong with an override. */
  async #settle(offered: OfferedOverride): Promise<void> {
    const { core, now, settle, log } = this.#ports;
    this.#offeredAt = now();
    try {
      await settle(offered);
    } catch (error) {
      core.count([{ family: "zako_watch_internal_errors_total", labels: { place: "override" }, value: 1 }]);
      log({ event: "error", place: "override", error: bugTrace(error) });
    }
  }
}
