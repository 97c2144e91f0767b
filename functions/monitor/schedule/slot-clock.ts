import { MINUTE_MS } from "../../lib/time-units.ts";
import { slotRoomMs } from "../../model/probing/placement.ts";
import type { MonitorMeta } from "../../store/monitor-meta.ts";

/** Who woke the Monitor. */
export type Waker = "cron" | "alarm" | "request";

/** What a wake came to: it ran the slot, waited for another that did, came late, or named a slot from the future. */
export type WakeResult = "run" | "joined" | "already" | "refused";

/** What to do with a wake. `missed`: slots before this one that nobody ran. */
export type Claim =
  | { kind: "run"; missed: number }
  | { kind: "wait"; same: boolean }
  | { kind: "already" }
  | { kind: "refused"; why: string };

/** A slot further ahead than this is refused: run, it would make every real slot until then look already run. */
const MAX_AHEAD_MS = MINUTE_MS;

/** The alarm waits this long on whole minutes, so that the cron usually finds the slot unclaimed and does the work. */
const CRON_GRACE_MS = 2_000;

/** Alarms were seen to come up to this much early (2 ms in local runs), which would name the slot before. */
const EARLY_MS = 20;

/** Slot arithmetic of one grid. Pure. */
export class SlotClock {
  readonly #gridMs: number;

  constructor(gridMs: number) {
    this.#gridMs = gridMs;
  }

  /** Start of the slot that holds an instant. */
  slotOf(time: number): number {
    return Math.floor(time / this.#gridMs) * this.#gridMs;
  }

  /** Decides about a wake for `slot` from what was committed (`meta`), what is running, and the time. */
  claim(slot: number, meta: Pick<MonitorMeta, "lastSlot" | "gridMs">, running: number | undefined, now: number): Claim {
    if (!Number.isFinite(slot) || slot <= 0) return { kind: "refused", why: `slot ${slot} is not a valid time` };
    if (slot > now + MAX_AHEAD_MS) return { kind: "refused", why: `slot is ${slot - now} ms in the future` };
    if (running !== undefined) return { kind: "wait", same: running === slot };
    // A last slot far ahead was run while the clock was wrong, and must not stand for all the slots until then.
    const last = meta.lastSlot > now + MAX_AHEAD_MS ? 0 : meta.lastSlot;
    if (slot <= last) return { kind: "already" };
    if (last === 0) return { kind: "run", missed: 0 };
    // After a change of grid the gap is counted on the coarser of the two: the finer slots were never promised.
    const grid = Math.max(this.#gridMs, meta.gridMs);
    return { kind: "run", missed: Math.max(0, Math.ceil((slot - last) / grid) - 1) };
  }

  /**
   * When the alarm shall come next: for the present slot if nobody has run it, else for the next one. The present slot
   * is looked at because an alarm may come a few ms early, find the slot before already run, and end in the present one.
   */
  nextAlarm(now: number, lastSlot: number): number {
    const present = this.slotOf(now);
    const slot = present > lastSlot ? present : present + this.#gridMs;
    return Math.max(now, slot + (slot % MINUTE_MS === 0 ? CRON_GRACE_MS : EARLY_MS));
  }

  /** When the runs of a slot must be over: inside its interval, or half an interval from now where it began late. */
  deadline(slot: number, now: number): number {
    return Math.max(slot + slotRoomMs(this.#gridMs), now + this.#gridMs / 2);
  }
}
