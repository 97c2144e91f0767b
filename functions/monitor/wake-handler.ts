import { bugTrace } from "../lib/bug-trace.ts";
import { orLate, type StartDeadline } from "../lib/deadline.ts";
import type { WatchEvent } from "../model/watch-event.ts";
import type { OfferedOverride } from "../store/override-kv.ts";
import type { HistoryWriter } from "./history/history-writer.ts";
import type { MonitorCore, WakeAnswer } from "./monitor-core.ts";

/** The cron brings what KV says with each wake; an alarm asks for itself where none has come for so long. */
const OFFER_EVERY_MS = 90_000;

/** What a wake handler needs. */
export interface WakePorts {
  core: Pick<MonitorCore, "wake" | "alarm" | "alertsSent" | "count" | "settledBefore">;
  history: Pick<HistoryWriter, "keep">;
  /** Reads the override from KV, within seconds. */
  readOverride: () => Promise<OfferedOverride>;
  /** Brings into force what is offered. */
  settle: (offered: OfferedOverride) => Promise<void>;
  /** Epoch ms. */
  now: () => number;
  startDeadline: StartDeadline;
  log: (event: WatchEvent) => void;
}

/**
 * Runs a Monitor's wakes, by cron or alarm. Whoever wakes it, the same happens: the override is settled, the slot is
 * run, the Alerter is told, and then history and retention take what is due.
 */
export class WakeHandler {
  readonly #ports: WakePorts;
  #offeredAt = Number.NEGATIVE_INFINITY;

  constructor(ports: WakePorts) {
    this.#ports = ports;
  }

  /** By cron: runs the slot that holds `time` (epoch ms) unless that was done. Rejects where the tick broke. */
  async wake(time: number, offered?: OfferedOverride): Promise<WakeAnswer> {
    if (offered !== undefined) await this.#settle(offered);
    try {
      return await this.#ports.core.wake(time, "cron");
    } finally {
      await this.#follow();
    }
  }

  /**
   * By alarm: confirmations, then the present slot. Never rejects. The next alarm cannot come while this one is being
   * handled, so what follows a tick is waited for until then at most, and ends by itself.
   */
  async alarm(): Promise<void> {
    const { core, now, readOverride, startDeadline } = this.#ports;
    if (now() - this.#offeredAt >= OFFER_EVERY_MS) await this.#settle(await readOverride());
    const nextAt = await core.alarm();
    using deadline = startDeadline(Math.max(1, nextAt - now()));
    await orLate(this.#follow(), deadline.signal, undefined);
  }

  /** What must happen each minute. Never rejects. */
  async #follow(): Promise<void> {
    await this.#ports.core.alertsSent();
    await this.#ports.history.keep(this.#ports.core);
  }

  /** Whatever is wrong with an override, probing goes on. */
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
