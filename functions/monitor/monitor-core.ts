import type { Config } from "../model/config.ts";
import type { Observation } from "../model/metric.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { CommitCost, Head } from "../store/head.ts";
import type { MonitorPorts } from "./monitor-ports.ts";
import { loadMonitorState, type MonitorState } from "./monitor-state.ts";
import type { RuleReport } from "./rules/rule-report.ts";
import { nextAlarm, settledBefore } from "./schedule/next-alarm.ts";
import { nextRechecks } from "./schedule/next-rechecks.ts";
import { confirmable, nextConfirmations } from "./schedule/schedule-tasks.ts";
import { SlotClock, type WakeResult, type Waker } from "./schedule/slot-clock.ts";
import { runTick, type TickRun } from "./tick/run-tick.ts";
import { SELF } from "./tick/wanted-series.ts";

const RETRY_MS = 1_000;

/** Result of a wake. */
export interface WakeAnswer {
  slot: number;
  result: WakeResult;
}

/**
 * A Monitor without its Durable Object: makes sure that each slot runs once. A slot is claimed in memory and commits once,
 * with its results. A further wake for a claimed slot waits for it: if the object dies, the platform repeats the wake,
 * which finds the slot unclaimed.
 */
export class MonitorCore {
  #ports: MonitorPorts;
  #clock: SlotClock;
  #state: MonitorState | undefined;
  /** Number of loaded states: each numbers its structures from the start. */
  #loads = 0;
  /** The run in progress; runs never overlap. */
  #running: { slot: number; done: Promise<void> } | undefined;
  /** When the object was loaded, epoch ms. */
  readonly #startedAt: number;
  /** The last run ended in a bug or a storage failure. */
  #broke = false;
  /** Observations of wakes since the last commit. They are exposed only after the commit: otherwise a crash could make a counter go down. */
  readonly #uncounted: Observation[] = [];
  /** Someone who has just started a local run, or changed its config, shall see every probe at once. */
  #isFirst = false;

  constructor(ports: MonitorPorts) {
    this.#ports = ports;
    this.#startedAt = ports.now();
    this.#clock = new SlotClock(ports.config.gridMs);
  }

  /** The active configuration. */
  get config(): Config {
    return this.#ports.config;
  }

  /**
   * Switches to another configuration. A running tick ends first with the old one. The state is then reloaded and reconciled,
   * as if the Monitor had been started with the new one. `inForce` is called only then, so that the newest wins.
   */
  async reconfigure(inForce: () => Config): Promise<void> {
    if (inForce().hash === this.config.hash) return;
    while (this.#running !== undefined) await this.#running.done;
    const config = inForce();
    if (config.hash === this.config.hash) return;
    this.#ports = { ...this.#ports, config };
    this.#clock = new SlotClock(config.gridMs);
    this.#state = undefined;
    this.head();
    this.arm();
  }

  /** Wakes for the slot of `time` (epoch ms). Rejects only if the tick itself failed; then nothing was stored. */
  async wake(time: number, waker: Waker): Promise<WakeAnswer> {
    const slot = this.#clock.slotOf(time);
    if (await this.#isReplaced(slot)) return { slot, result: "refused" };
    for (;;) {
      const { head } = this.#loaded();
      const claim = this.#clock.claim(slot, head.meta, this.#running?.slot, this.#ports.now());
      if (claim.kind === "run") {
        this.#wake(waker, "run");
        // An object that is loaded after an eviction has missed nothing; a local run that was stopped has.
        if (this.config.local && claim.missed > 1) this.#isFirst = true;
        await this.#run({ slot, attempt: 0, missed: claim.missed, named: [], later: [] });
        return { slot, result: "run" };
      }
      if (claim.kind === "wait") {
        // Counted first, so that the joined run commits it.
        if (claim.same) this.#wake(waker, "joined");
        await this.#running?.done;
        if (!claim.same) continue;
        return { slot, result: "joined" };
      }
      if (claim.kind === "refused") this.#ports.log({ event: "refused", slot, why: claim.why });
      this.#wake(waker, claim.kind);
      // No further run may come to commit it before the object is evicted.
      if (claim.kind === "already" && waker === "cron") this.record(() => {});
      return { slot, result: claim.kind };
    }
  }

  /**
   * The alarm: pending confirmations, or the current slot, or rechecks: each has an invocation of its own, with subrequests
   * of its own. Sets the next alarm and returns its time, epoch ms. Never throws.
   */
  async alarm(): Promise<number> {
    const { now } = this.#ports;
    try {
      if (!(await this.confirm())) {
        const { result } = await this.wake(now(), "alarm");
        if (result === "already") await this.recheck();
      }
    } catch (error) {
      this.#ports.log({ event: "error", place: "alarm", error: String(error) });
    }
    return this.arm();
  }

  /**
   * Runs confirmations that the last tick requested, if its interval has not ended: of targets that hang only when no others
   * are left. False if there were none.
   */
  async confirm(): Promise<boolean> {
    while (this.#running !== undefined) await this.#running.done;
    const head = this.head();
    const pending = confirmable(head.meta, this.#ports.config.gridMs, this.#ports.now());
    if (pending === undefined || this.#loaded().alertSender.replacedBy !== undefined) return false;
    const { named, later } = nextConfirmations(pending);
    await this.#run({ slot: pending.slot, attempt: 1, missed: 0, named, later });
    return true;
  }

  /** Runs the rechecks that are due. False where there were none. */
  async recheck(): Promise<boolean> {
    while (this.#running !== undefined) await this.#running.done;
    const state = this.#loaded();
    const { lastSlot: slot } = state.head.meta;
    const { runs, attempt } = nextRechecks(this.#ports, state);
    if (runs.length === 0 || state.alertSender.replacedBy !== undefined) return false;
    await this.#run({ slot, attempt, missed: 0, named: runs, later: [] });
    return true;
  }

  /** Settles when the last commit has been sent to the Alerter, or sending failed. */
  alertsSent(): Promise<void> {
    return this.#state?.alertSender.idle() ?? Promise.resolve();
  }

  /** State of each rule. */
  rules(): RuleReport[] {
    return this.#loaded().rules.report();
  }

  /**
   * Sets the alarm and returns its time, epoch ms: at once if confirmations are pending, otherwise for the next recheck or
   * shortly after the start of the next slot. Never for right now: an alarm that an alarm sets for now may be delayed for long.
   */
  arm(): number {
    const now = this.#ports.now();
    const next =
      this.#state === undefined ? this.#clock.nextAlarm(now, 0) : nextAlarm(this.#ports, this.#state, this.#clock);
    // A failed tick is repeated soon, but not in a tight loop.
    const at = Math.max(next, now + (this.#broke ? RETRY_MS : 1));
    this.#ports.storage.setAlarm(at);
    return at;
  }

  /** The committed state and uncommitted counts; loaded on first use. */
  head(): Head {
    return this.#loaded().head;
  }

  /**
   * Counts data that arrives between ticks, and commits it at once. Nothing is awaited, so a running tick is not disturbed.
   * If this throws, nothing was stored; a running tick then cannot commit and is repeated.
   */
  record(count: (head: Head) => void): CommitCost {
    const head = this.head();
    try {
      count(head);
      for (const fact of this.#uncounted.splice(0)) head.table.observe(SELF, fact, this.#ports.now());
      head.meta = { ...head.meta, commits: head.meta.commits + 1 };
      return head.commit();
    } catch (error) {
      head.invalidate();
      this.#state = undefined;
      throw error;
    }
  }

  /** Counts observations with the next commit. */
  count(facts: readonly Observation[]): void {
    this.#uncounted.push(...facts);
  }

  /** No slot before this (epoch ms) will get more samples, confirmations and rechecks included. */
  settledBefore(): number {
    return settledBefore(this.#ports, this.#loaded());
  }

  /** The current numbers. They are shared with the live state: read them before anything is awaited. */
  snapshot(): Snapshot {
    const head = this.head();
    return { version: this.version(), blocks: [...head.table.blocks.values()] };
  }

  /** Changes whenever a series is added or removed. */
  structure(): string {
    const { table } = this.head();
    return `${this.#loads}.${table.structure}`;
  }

  /** Changes whenever the numbers change. */
  version(): string {
    const { meta } = this.head();
    return `${meta.configHash}.${meta.commits}`;
  }

  #loaded(): MonitorState {
    if (this.#state !== undefined) return this.#state;
    this.#loads++;
    this.#state = loadMonitorState(this.#ports);
    if (this.config.local && this.#state.isNewConfig) this.#isFirst = true;
    return this.#state;
  }

  /** Whether another configuration has replaced this one. Checked at each wake, because it may be rolled back. */
  async #isReplaced(slot: number): Promise<boolean> {
    const { alertSender } = this.#loaded();
    if (alertSender.replacedBy !== undefined) await alertSender.send();
    const { replacedBy } = alertSender;
    if (replacedBy === undefined) return false;
    this.#ports.log({ event: "refused", slot, why: `generation ${replacedBy} has replaced this configuration` });
    return true;
  }

  async #run(attempt: Pick<TickRun, "slot" | "attempt" | "missed" | "named" | "later">): Promise<void> {
    const { slot } = attempt;
    const state = this.#loaded();
    const done = runTick(this.#ports, state, {
      ...attempt,
      objectStartedAt: this.#startedAt,
      all: this.#isFirst,
      uncounted: this.#uncounted,
    });
    this.#running = { slot, done: done.catch(() => {}) };
    try {
      await done;
      this.#isFirst = false;
      this.#broke = false;
      void state.alertSender.send();
    } catch (error) {
      this.#broke = true;
      // Memory may be ahead of storage: the next wake starts from the committed state.
      this.#state = undefined;
      throw error;
    } finally {
      this.#running = undefined;
      this.arm();
    }
  }

  #wake(waker: Waker, result: WakeResult): void {
    this.#uncounted.push({ family: "zako_watch_wakes_total", labels: { waker, result }, value: 1 });
  }
}
