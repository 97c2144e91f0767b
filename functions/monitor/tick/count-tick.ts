import { DAY_MS } from "../../lib/time-units.ts";
import type { Config } from "../../model/config.ts";
import type { Labels } from "../../model/metric.ts";
import type { Vantage } from "../../model/probing/vantage.ts";
import type { Head } from "../../store/head.ts";
import type { SampleBacklog } from "../../store/history/history-backlog.ts";
import type { SeriesTable } from "../../store/series/series-table.ts";
import { SELF } from "./wanted-series.ts";

/** A tick that is about to be committed. Times in epoch ms. */
export interface EndedTick {
  run: { slot: number; attempt: number; missed: number; objectStartedAt: number };
  startedAt: number;
  durationMs: number;
  /** Vantages that delivered results. */
  vantages: ReadonlySet<Vantage>;
}

/** Adds a tick to the prober's own series. */
export function countTick(table: SeriesTable, tick: EndedTick): void {
  const { run, startedAt, durationMs } = tick;
  const endedAt = startedAt + durationMs;
  const see = (family: string, value: number, labels: Labels = {}): void =>
    table.observe(SELF, { family, labels, value }, endedAt);
  see("zako_watch_ticks_total", 1);
  see("zako_watch_monitor_start_timestamp_seconds", run.objectStartedAt / 1000);
  see("zako_watch_last_tick_timestamp_seconds", endedAt / 1000);
  see("zako_watch_tick_duration_seconds", durationMs / 1000);
  if (run.attempt === 0) {
    see("zako_watch_last_slot_timestamp_seconds", run.slot / 1000);
    see("zako_watch_tick_lag_seconds", Math.max(0, startedAt - run.slot) / 1000);
    see("zako_watch_missed_slots_total", run.missed);
  }
  for (const vantage of tick.vantages)
    see("zako_watch_vantage_last_answer_timestamp_seconds", endedAt / 1000, { vantage });
}

/** Exposes each target's spending of its daily budgets. */
export function countBudgets(head: Head, config: Config, now: number): void {
  const day = Math.floor(now / DAY_MS);
  for (const { name } of config.targets) {
    const { spent } = head.memories.get(name);
    const today = spent.day === day ? spent : { writtenBytes: 0, tokens: 0 };
    const see = (family: string, value: number): void => head.table.observe(name, { family, labels: {}, value }, now);
    see("zako_watch_budget_written_bytes", today.writtenBytes);
    see("zako_watch_budget_tokens", today.tokens);
  }
}

/**
 * Exposes the state of history from stored values, so that events before an eviction are counted exactly once.
 */
export function countHistory(
  table: SeriesTable,
  backlog: Pick<SampleBacklog, "shipping" | "slotsAfter">,
  now: number,
): void {
  const { failures, droppedSlots, shippedThrough } = backlog.shipping();
  const upTo = (family: string, total: number): void => {
    const value = Math.max(0, total - (table.read(SELF, family, {}) ?? 0));
    table.observe(SELF, { family, labels: {}, value }, now);
  };
  upTo("zako_watch_history_failures_total", failures);
  upTo("zako_watch_history_dropped_slots_total", droppedSlots);
  const waiting = backlog.slotsAfter(shippedThrough);
  table.observe(SELF, { family: "zako_watch_history_backlog_slots", labels: {}, value: waiting }, now);
}
