import { bugTrace } from "../lib/bug-trace.ts";
import type { Config } from "../model/config.ts";
import type { WatchEvent } from "../model/watch-event.ts";
import type { SampleBacklog } from "../store/history-backlog.ts";
import { afterSweep, planSweep, type RetentionState, type Sweep, type SweepResult } from "../store/retention.ts";
import type { MonitorCore } from "./monitor-core.ts";
import { type ShipPort, Shipper } from "./ship.ts";

/** What keeping history needs of the world. */
export interface HistoryPorts extends ShipPort {
  backlog: ShipPort["backlog"] & Pick<SampleBacklog, "slotsAfter">;
  shard: number;
  retention: Config["retention"];
  sweep: (sweep: Sweep) => Promise<SweepResult>;
  swept: () => RetentionState;
  saveSwept: (state: RetentionState) => void;
  log: (event: WatchEvent) => void;
}

/** Ships samples into history and sweeps what is too old. Nothing here is on the way of a tick, and nothing throws. */
export class HistoryKeeper {
  readonly #ports: HistoryPorts;
  readonly #shipper: Shipper;

  constructor(ports: HistoryPorts) {
    this.#ports = ports;
    this.#shipper = new Shipper(ports, ports.shard);
  }

  /** Does what is due now; to be called after ticks. */
  async keep(core: Pick<MonitorCore, "settledBefore" | "count">): Promise<void> {
    const { backlog, log } = this.#ports;
    const before = backlog.shipping();
    const report = await this.#shipper.ship(core.settledBefore());
    if (report.did === "failed") {
      const why = report.failure === "internal" ? bugTrace(report.thrown) : report.failure;
      log({ event: "history", ok: false, why });
    } else if (report.did === "shipped") log({ event: "history", ok: true, why: `${report.rowsWritten} rows` });
    const after = backlog.shipping();
    core.count([
      { family: "zako_watch_history_failures_total", labels: {}, value: after.failures - before.failures },
      { family: "zako_watch_history_dropped_slots_total", labels: {}, value: after.droppedSlots - before.droppedSlots },
      { family: "zako_watch_history_backlog_slots", labels: {}, value: backlog.slotsAfter(after.shippedThrough) },
    ]);
    if (this.#ports.shard === 0) await this.#sweep();
  }

  /** Whether there are samples that history has not taken. */
  isBehind(): boolean {
    return this.#ports.backlog.hours().length > 0;
  }

  async #sweep(): Promise<void> {
    const { retention, swept, saveSwept, now, sweep, log } = this.#ports;
    try {
      const plan = planSweep(swept(), now(), retention);
      if (plan === undefined) return;
      const result = await sweep(plan);
      saveSwept(afterSweep(swept(), plan, result, now()));
      if (!result.ok) log({ event: "history", ok: false, why: `retention: ${result.failure}` });
    } catch (error) {
      log({ event: "error", place: "retention", error: bugTrace(error) });
    }
  }
}
