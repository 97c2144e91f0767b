import { baselineOf, followed } from "../../evaluate/rules/condition.ts";
import { HOUR_MS } from "../../lib/time-units.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import type { Config } from "../../model/config.ts";
import { shardOf } from "../../model/probing/placement.ts";
import { configOfShard } from "../../monitor/schedule/shard.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import { type AskHistory, type HourSize, readReplayRows, replayPages } from "../../store/history/history-replay.ts";
import { mergeSamples } from "../../store/history/merge-samples.ts";
import type { StoredSample } from "../../store/history/sample-block.ts";
import type { ReplayedAlert } from "./alert-log.ts";
import { Replay } from "./replay.ts";
import { type Gaps, TickMaker } from "./ticks.ts";

/** One side of a backtest: a configuration fitted to what was measured, and its rules that can be judged. */
export interface Side {
  config: Config;
  rules: readonly Rule[];
}

/** What a replay of history came to. Times in epoch ms. */
export interface Replayed {
  /** Alerts of each side, by shard, then by their beginning. */
  alerts: ReplayedAlert[][];
  samples: number;
  /** Packed samples that could not be read: of another version, or damaged. */
  unreadable: number;
  /** The first and the last slot with samples; 0 without any. */
  firstAt: number;
  lastAt: number;
  /** By shard. */
  gaps: Gaps[];
}

/** What is replayed, and how. */
export interface ReplayJob {
  ask: AskHistory;
  sides: readonly Side[];
  /** How the samples were taken. */
  present: Config;
  kinds: ReadonlyMap<string, ProbeKind>;
  /** Slots in [`from`, `to`), epoch ms. */
  from: number;
  to: number;
  target: string | undefined;
  /** The hours of that time that have samples. */
  hours: readonly HourSize[];
  /** Told after each part, with the share that is done, 0 to 1. */
  onProgress: (share: number) => void;
}

/** Twice as much as text: what Wrangler prints at once stays small, and a week of ten targets is a few calls. */
const PAGE_BYTES = 3_000_000;

/** How long before the time in question a replay must begin, so that windows are full and verdicts have settled. */
export function warmUpMs(sides: readonly Side[]): number {
  const windows = sides.flatMap(({ rules }) =>
    rules.flatMap(({ condition, forMs, keepFiringForMs }) => [
      forMs + keepFiringForMs + Math.max(0, ...followed(condition).flatMap(({ windowsMs }) => windowsMs)),
      baselineOf(condition)?.baselineMs ?? 0,
    ]),
  );
  const intervals = sides.flatMap(({ config }) => config.targets.flatMap((t) => t.probes.map((p) => p.intervalMs * 3)));
  return Math.ceil(Math.max(HOUR_MS, ...windows, ...intervals) / HOUR_MS) * HOUR_MS;
}

/** Lets each side live through the samples of a range once, shard by shard, a few hours in memory at a time. */
export function replayHistory(job: ReplayJob): Replayed {
  const { ask, from, to, target, hours, onProgress } = job;
  const fleet = new ReplayFleet(job);
  const spanMs = Math.max(HOUR_MS, (hours.at(-1)?.hour ?? from) - from);
  let unreadable = 0;
  for (const page of replayPages(hours, PAGE_BYTES)) {
    const rows = readReplayRows(ask, { ...page, target });
    for (const [hour, ofHour] of Map.groupBy(rows, (row) => row.hour)) {
      const merged = [...Map.groupBy(ofHour, (row) => row.target).values()].map(mergeSamples);
      unreadable += merged.reduce((sum, { missing }) => sum + missing, 0);
      fleet.live(merged.flatMap(({ samples }) => samples.filter(({ slot }) => slot >= from && slot < to)));
      onProgress((hour - from) / spanMs);
    }
  }
  return { ...fleet.result(), unreadable };
}

/** The Monitors of all sides, a shard each, and what they have lived through. */
class ReplayFleet {
  readonly #job: ReplayJob;
  readonly #makers: readonly TickMaker[];
  /** By side, then shard; none before the first sample. */
  #replays: Replay[][] = [];
  #samples = 0;
  #firstAt = 0;
  #lastAt = 0;
  /** Slot of each target's first sample. */
  readonly #starts = new Map<string, number>();

  constructor(job: ReplayJob) {
    this.#job = job;
    const { present, kinds } = job;
    const startOf = (target: string): number => this.#starts.get(target) ?? Number.POSITIVE_INFINITY;
    this.#makers = shardsOf(present).map((shard) => new TickMaker(configOfShard(present, shard), kinds, startOf));
  }

  /** Takes the samples of an hour, over all targets. */
  live(samples: readonly StoredSample[]): void {
    if (samples.length === 0) return;
    let firstAt = Number.POSITIVE_INFINITY;
    for (const { target, slot } of samples) {
      firstAt = Math.min(firstAt, slot);
      this.#lastAt = Math.max(this.#lastAt, slot);
      if (!this.#starts.has(target)) this.#starts.set(target, slot);
    }
    this.#samples += samples.length;
    if (this.#replays.length === 0) this.#begin(firstAt);
    const { shards } = this.#job.present;
    const byShard = Map.groupBy(samples, ({ target }) => shardOf(target, shards));
    for (const [shard, maker] of this.#makers.entries())
      for (const tick of maker.ticks(byShard.get(shard) ?? []))
        for (const replay of this.#replays) replay[shard]?.tick(tick);
  }

  result(): Omit<Replayed, "unreadable"> {
    return {
      alerts: this.#job.sides.map((_, i) =>
        (this.#replays[i] ?? [])
          .flatMap((replay) => replay.alerts())
          // Before its first sample a target was not unknown, but not there.
          .filter(({ labels, pendingAt }) => pendingAt >= (this.#starts.get(labels["target"] ?? "") ?? 0)),
      ),
      samples: this.#samples,
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
      gaps: this.#makers.map(({ gaps }) => gaps),
    };
  }

  #begin(from: number): void {
    const { sides, kinds, present } = this.#job;
    this.#firstAt = from;
    this.#replays = sides.map(({ config, rules }) =>
      shardsOf(present).map((shard) => new Replay({ config: configOfShard(config, shard), rules, kinds, shard, from })),
    );
  }
}

const shardsOf = ({ shards }: Config): number[] => Array.from({ length: shards }, (_, shard) => shard);
