import { orLate, type StartDeadline } from "../../lib/deadline.ts";
import { HOUR_MS } from "../../lib/time-units.ts";
import type { SampleBacklog, ShippingState } from "../../store/history/history-backlog.ts";
import type { HistoryFailure } from "../../store/history/history-failure.ts";
import { type HistoryRow, rowsOfHour } from "../../store/history/history-row.ts";
import type { WriteResult } from "../../store/history/write-history.ts";
import {
  DEFAULT_LIMITS,
  nextShipmentAt,
  planShipment,
  retryAt,
  type ShipmentPlan,
  type ShippingLimits,
} from "./ship-plan.ts";

/** Dependencies of the shipper. */
export interface ShipPort {
  backlog: Pick<SampleBacklog, "hours" | "blocks" | "newestSlot" | "close" | "drop" | "shipping" | "saveShipping">;
  /** Writes rows to history; expected failure is data. */
  write(rows: readonly HistoryRow[]): Promise<WriteResult>;
  /** Epoch ms. */
  now(): number;
  startDeadline: StartDeadline;
}

/** Result of a call of `ship`. Totals for metrics are in the backlog's `ShippingState`. */
export type ShipReport =
  /** A shipment was already running, or none was due. */
  | { did: "nothing"; reason: "busy" | Exclude<ShipmentPlan["reason"], "due"> }
  /** `complete`: nothing due is left; otherwise the next wake continues. */
  | { did: "shipped"; hours: number; rowsWritten: number; complete: boolean }
  | { did: "failed"; failure: HistoryFailure; hours: number; rowsWritten: number }
  /** An internal error; it backs off like a failure of history. */
  | { did: "failed"; failure: "internal"; thrown: unknown };

/**
 * Ships samples from the backlog to history, twice an hour, in bulk, oldest hour first. Rows are always made from the blocks,
 * and history accepts repeats, so a shipment may be interrupted at any await, or its answer may be lost: the next shipment
 * repeats it. Blocks are deleted only when their hour is complete and written.
 */
export class Shipper {
  readonly #port: ShipPort;
  readonly #shard: number;
  readonly #limits: ShippingLimits;
  #busy = false;

  constructor(port: ShipPort, shard: number, limits: ShippingLimits = DEFAULT_LIMITS) {
    this.#port = port;
    this.#shard = shard;
    this.#limits = limits;
  }

  /**
   * Ships what is due. Call it after each tick, without awaiting it in the tick. `settledBefore` (epoch ms): no slot earlier
   * than this will get more samples, confirmations included. Never throws.
   */
  async ship(settledBefore: number): Promise<ShipReport> {
    if (this.#busy) return { did: "nothing", reason: "busy" };
    this.#busy = true;
    try {
      return await this.#ship(settledBefore);
    } catch (thrown) {
      return this.#internal(thrown);
    } finally {
      this.#busy = false;
    }
  }

  async #ship(settledBefore: number): Promise<ShipReport> {
    const port = this.#port;
    const { backlog } = port;
    const { maxHours, maxHoursPerShipment, deadlineMs } = this.#limits;
    const state = backlog.shipping();
    // Hours closed in the future come from a wrong clock, and would refuse every sample until then.
    if (Math.max(state.closedBefore, state.shippedThrough) > port.now() + HOUR_MS)
      backlog.saveShipping({ ...state, closedBefore: 0, shippedThrough: 0 });
    const plan = planShipment(backlog.shipping(), port.now(), { hours: backlog.hours(), settledBefore, maxHours });
    for (const hour of plan.drop) backlog.drop(hour);
    if (plan.reason !== "due") return { did: "nothing", reason: plan.reason };

    using deadline = port.startDeadline(deadlineMs);
    let hours = 0;
    let rowsWritten = 0;
    for (const { hour, whole } of plan.send) {
      if (deadline.signal.aborted || hours === maxHoursPerShipment) break;
      const { rows, blocks, unreadable } = rowsOfHour(backlog.blocks(hour), hour);
      const newest = backlog.newestSlot(hour) ?? hour;
      const result = await orLate(port.write(rows), deadline.signal, TOO_LATE);
      rowsWritten += result.rowsWritten;
      if (!result.ok) {
        this.#refused();
        return { did: "failed", failure: result.failure, hours, rowsWritten };
      }
      hours++;
      this.#taken({ hour, whole, blocks, unreadable, newest });
    }
    const complete = hours === plan.send.length;
    if (complete) backlog.saveShipping({ ...backlog.shipping(), nextAt: nextShipmentAt(port.now(), this.#shard) });
    return { did: "shipped", hours, rowsWritten, complete };
  }

  #taken(sent: { hour: number; whole: boolean; blocks: number; unreadable: number; newest: number }): void {
    const { backlog } = this.#port;
    const before = backlog.shipping();
    const state: ShippingState = {
      ...before,
      failuresInRow: 0,
      shippedThrough: Math.max(before.shippedThrough, sent.newest),
    };
    const closing = { ...state, droppedSlots: state.droppedSlots + sent.unreadable };
    if (!sent.whole || !backlog.close(sent.hour, sent.blocks, closing)) backlog.saveShipping(state);
  }

  #refused(): void {
    const { backlog } = this.#port;
    const state = backlog.shipping();
    const failuresInRow = state.failuresInRow + 1;
    backlog.saveShipping({
      ...state,
      failuresInRow,
      failures: state.failures + 1,
      nextAt: retryAt(this.#port.now(), failuresInRow),
    });
  }

  #internal(thrown: unknown): ShipReport {
    try {
      this.#refused();
    } catch {
      // Storage itself failed. The tick fails too, and reports it.
    }
    return { did: "failed", failure: "internal", thrown };
  }
}

/** Result of a write without an answer in time; it may still be executed. */
const TOO_LATE: WriteResult = { ok: false, failure: "timeout", rowsWritten: 0, statements: 0 };
