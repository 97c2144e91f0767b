import { bugTrace } from "../../lib/bug-trace.ts";
import { orLate } from "../../lib/deadline.ts";
import { HOUR_MS } from "../../lib/time-units.ts";
import type { Config } from "../../model/config.ts";
import type { WatchEvent } from "../../model/watch-event.ts";
import {
  afterSweep,
  planSweep,
  type RetentionState,
  type Sweep,
  type SweepResult,
} from "../../store/history/retention.ts";
import { SampleBlockWriter, unpackSamples } from "../../store/history/sample-block.ts";
import type { MonitorCore } from "../monitor-core.ts";
import { type ShipPort, Shipper } from "./ship.ts";

/** D1 deletes a thousand rows at a time. The rest is swept later. */
const SWEEP_TIMEOUT_MS = 30_000;
const TOO_LATE: SweepResult = { ok: false, failure: "timeout" };

/** Dependencies of the history writer. */
export interface HistoryPorts extends ShipPort {
  shard: number;
  retention: Config["retention"];
  sweep: (sweep: Sweep) => Promise<SweepResult>;
  swept: () => RetentionState;
  saveSwept: (state: RetentionState) => void;
  log: (event: WatchEvent) => void;
}

/** Writes samples to history and deletes old ones. It never delays a tick, and never throws. */
export class HistoryWriter {
  readonly #ports: HistoryPorts;
  readonly #shipper: Shipper;
  #sweeps = false;

  constructor(ports: HistoryPorts) {
    this.#ports = ports;
    this.#shipper = new Shipper(ports, ports.shard);
  }

  /** Does what is due now. Call it after each wake, once alerts are sent. Never rejects. */
  async keep(core: Pick<MonitorCore, "settledBefore">): Promise<void> {
    const { log, shard } = this.#ports;
    try {
      const report = await this.#shipper.ship(core.settledBefore());
      if (report.did === "failed") {
        const why = report.failure === "internal" ? bugTrace(report.thrown) : report.failure;
        log({ event: "history", ok: false, why });
      } else if (report.did === "shipped") log({ event: "history", ok: true, why: `${report.rowsWritten} rows` });
      if (shard === 0) await this.#sweep();
    } catch (error) {
      log({ event: "error", place: "history", error: bugTrace(error) });
    }
  }

  /** Whether there are samples not yet in history. */
  isBehind(): boolean {
    return this.#ports.backlog.hours().length > 0;
  }

  /** The runs of a target since `from` (epoch ms) that history may lack, as one block. */
  recent(target: string, from: number): Uint8Array<ArrayBuffer> {
    const { backlog } = this.#ports;
    const block = new SampleBlockWriter();
    for (const hour of backlog.hours().filter((start) => start + HOUR_MS > from))
      for (const { samples } of backlog.blocks(hour)) {
        const unpacked = unpackSamples(samples);
        if (!unpacked.ok) continue;
        for (const sample of unpacked.samples) if (sample.target === target) block.add(sample);
      }
    return block.finish();
  }

  async #sweep(): Promise<void> {
    const { retention, swept, saveSwept, now, sweep, startDeadline, log } = this.#ports;
    if (this.#sweeps) return;
    this.#sweeps = true;
    try {
      const plan = planSweep(swept(), now(), retention);
      if (plan === undefined) return;
      using deadline = startDeadline(SWEEP_TIMEOUT_MS);
      const result = await orLate(sweep(plan), deadline.signal, TOO_LATE);
      saveSwept(afterSweep(swept(), plan, result, now()));
      if (!result.ok) log({ event: "history", ok: false, why: `retention: ${result.failure}` });
    } catch (error) {
      log({ event: "error", place: "retention", error: bugTrace(error) });
    } finally {
      this.#sweeps = false;
    }
  }
}
