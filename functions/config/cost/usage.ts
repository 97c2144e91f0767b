import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../lib/time-units.ts";
import type { Config } from "../../model/config.ts";
import type { GroupPlace } from "../../model/probing/dependency-group.ts";
import { laneOf, shardOf, slotRoomMs } from "../../model/probing/placement.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";
import { LOCAL_VANTAGE } from "../../model/probing/vantage.ts";
import type { Assumptions } from "./assumptions.ts";
import { type Attempt, CRON_LATE_MS, lanesAtOnce, REPORT_MS } from "./attempt.ts";
import { batchMs } from "./batch-time.ts";
import { rechecksOf } from "./outage-rechecks.ts";
import { cycleOf, type KnownKinds, type PlannedSlot, plannedSlots, sampleOf } from "./planned-slots.ts";
import { METERS, type MeterName, PRICES } from "./prices.ts";
import { busiestLane } from "./worst-minute.ts";

/** What is used of each meter. */
export type Usage = Record<MeterName, number>;

/** A healthy day, and an hour in which nothing answers: every call takes its whole timeout. */
export interface UsageReport {
  day: Usage;
  outageHour: Usage;
  /** Mean calls to the outside world a minute while all is well. */
  callsPerMinute: number;
  /** The most calls that the runs of one slot make of one lane. */
  busiestCalls: number;
  /** Mean time of a tick while all is well, ms. */
  tickMs: number;
}

/** Rows of one commit of a Monitor: series, head, backlog in and out, the minute of its rules, their windows, the alarm. */
const COMMIT_ROWS = 7;
/** Bytes of series that fill one row, and about what a target and each of its probes by vantage take. */
const CHUNK_BYTES = 768 * 1024;
const TARGET_BYTES = 600;
const SERIES_BYTES = 350;
/** Rows of the Alerter: an alarm sets the next one three times; a report changes a shard and a series, and sets it once. */
const ALARM_ROWS = 3;
const REPORT_ROWS = 3;
/** The Alerter's alarm comes with the cron, and by itself where that is late. */
const ALERTER_ALARMS = 1.45;
/** Rows of one target that goes down: its alerts, and for each endpoint that is notified. */
const OUTAGE_ALERT_ROWS = 3;
/** The same where not all targets can be asked in one slot: those that wait are gaps, and have alerts of that too. */
const CROWDED_ALERT_ROWS = 14;
const CROWDED_ALERT_LINES = 6;
const OUTAGE_MESSAGE_ROWS = 10;
/** Lines of log of one target that goes down: its alerts, and its messages where there are endpoints. Each probe's state is one more. */
const OUTAGE_ALERT_LINES = 3;
const OUTAGE_MESSAGE_LINES = 3;
/** State a shard keeps about its shipping, an hour. */
const SHIPPING_ROWS = 5;
/** The alarm comes so long after a slot began; where the tick still runs, it waits for it. */
const ALARM_AFTER_MS = 2_000;
/** CPU of the Worker: a cron, a scrape and what a target adds to it, ms (docs/benchmarks.md). */
const CRON_CPU_MS = 2;
const SCRAPE_CPU_MS = 3;
const SCRAPE_TARGET_CPU_MS = 0.15;
/** Hours in which history may still arrive: each sweep reads them again. */
const SWEPT_HOURS = 72;

/** Estimates what a configuration uses of the platform. Pure. */
export function usageOf(whole: Config, kinds: KnownKinds, assumed: Assumptions): UsageReport {
  const { config, scale } = sampleOf(whole);
  const healthy = new Sum(whole, assumed);
  const down = new Sum(whole, assumed);
  const callsOf = ({ plan }: ProbeTask): number => kinds.get(plan.kind)?.calls(plan.options) ?? 0;
  const placeOf = (kind: string): GroupPlace => kinds.get(kind) ?? { tier: "inside" };
  const durationOf = (task: ProbeTask): number =>
    assumed.runMs?.(task.plan.kind) ?? callsOf(task) * assumed.roundTripMs;
  const slots = cycleOf(config, kinds);
  let calls = 0;
  let busiestCalls = 0;
  let tickMs = 0;
  let isCrowded = false;
  const rechecked = new Map<number, Attempt[]>();
  for (const slot of plannedSlots(config, kinds)) {
    const { shard, tasks } = slot;
    busiestCalls = Math.max(busiestCalls, busiestLane(slot, config, kinds));
    calls += tasks.reduce((sum, task) => sum + callsOf(task), 0);
    const writes = tasks.some(({ plan }) => (kinds.get(plan.kind)?.writesBytes(plan.options) ?? 0) > 0);
    const tick = attemptOf(config, tasks, (lane) => batchMs(lane, { placeOf, durationOf }), writes);
    tickMs += tick.monitorMs;
    healthy.add(shard, tick, true);
    const downMs = (lane: readonly ProbeTask[]): number => batchMs(lane, { placeOf, durationOf, isDown: true });
    // What has found no room by then is a gap.
    const mostMs = slotRoomMs(config.gridMs) - CRON_LATE_MS;
    const first = attemptOf(
      config,
      tasks,
      (lane) => {
        const takesMs = downMs(lane);
        isCrowded ||= takesMs > mostMs;
        return Math.min(mostMs, takesMs);
      },
      writes,
    );
    down.add(shard, first, true);
    let rest = rechecked.get(shard);
    if (rest === undefined) {
      rest = rechecksOf(config, shard, placeOf, first);
      rechecked.set(shard, rest);
    }
    for (const recheck of rest) down.add(shard, recheck, false);
  }
  const shards = new Set(config.targets.map(({ name }) => shardOf(name, config.shards))).size;
  const slotsPerMinute = MINUTE_MS / config.gridMs;
  const perMinute = (slotsPerMinute * scale) / slots;
  return {
    day: healthy.total((perMinute * DAY_MS) / MINUTE_MS, DAY_MS / MINUTE_MS),
    outageHour: down.total((perMinute * HOUR_MS) / MINUTE_MS, HOUR_MS / MINUTE_MS, { isCrowded }),
    callsPerMinute: calls * perMinute,
    busiestCalls,
    tickMs: tickMs / slots / Math.max(1, shards),
  };
}

/** What the runs of one attempt take; `timeOf`: of one lane, ms. */
function attemptOf(
  { vantages, lanes }: Config,
  tasks: PlannedSlot["tasks"],
  timeOf: (lane: readonly ProbeTask[]) => number,
  writes: boolean,
): Attempt {
  if (vantages[0] === LOCAL_VANTAGE) return { monitorMs: timeOf(tasks) + REPORT_MS, proberMs: 0, probers: 0, writes };
  const byLane = Map.groupBy(tasks, ({ vantage, target }) => `${vantage}:${laneOf(target.name, lanes)}`);
  return lanesAtOnce([...byLane.values()].map(timeOf), writes);
}

/** Sums up attempts, and adds what each minute takes besides. */
class Sum {
  readonly #config: Config;
  readonly #assumed: Assumptions;
  readonly #chunks: ReadonlyMap<number, number>;
  #monitorMs = 0;
  #proberMs = 0;
  #requests = 0;
  #rows = 0;
  #reports = 0;
  #lines = 0;

  constructor(config: Config, assumed: Assumptions) {
    this.#config = config;
    this.#assumed = assumed;
    const byShard = Map.groupBy(config.targets, ({ name }) => shardOf(name, config.shards));
    this.#chunks = new Map(
      [...byShard].map(([shard, targets]) => {
        const series = targets.reduce((sum, { probes }) => sum + probes.length * config.vantages.length, 0);
        const bytes = targets.length * TARGET_BYTES + series * SERIES_BYTES;
        return [shard, Math.max(1, Math.ceil(bytes / CHUNK_BYTES))];
      }),
    );
  }

  /** Adds an attempt; `isTick`: of the slot's own runs. */
  add(shard: number, { monitorMs, proberMs, probers, writes }: Attempt, isTick: boolean): void {
    // An alarm that comes while the tick runs waits for it.
    const joins = isTick && CRON_LATE_MS + monitorMs > ALARM_AFTER_MS ? 1 : 0;
    this.#monitorMs += monitorMs;
    this.#proberMs += proberMs;
    // The wake or alarm, the probers, the report.
    this.#requests += 2 + joins + probers;
    this.#rows += COMMIT_ROWS - 1 + (this.#chunks.get(shard) ?? 1) + joins + (isTick ? 0 : 1) + (writes ? 1 : 0);
    this.#reports++;
    // Each attempt writes a line. Invocations are no lines: wrangler.toml switches their logs off.
    this.#lines++;
  }

  /** What so many times the sum come to in so many minutes. */
  total(times: number, minutes: number, outage?: { isCrowded: boolean }): Usage {
    const { config, scrapes } = { config: this.#config, scrapes: this.#assumed.scrapesPerMinute };
    const targets = config.targets.length;
    const { shards } = config;
    const hours = minutes / 60;
    const endpoints = config.notify?.receivers.flatMap((receiver) => receiver.endpoints).length ?? 0;
    const heartbeats = config.notify?.heartbeats.length ?? 0;
    const isOutage = outage !== undefined;
    const downTargets = isOutage ? targets : 0;
    const alertRows = outage?.isCrowded ? CROWDED_ALERT_ROWS : OUTAGE_ALERT_ROWS;
    // A scrape asks each object for its version and its numbers.
    const asked = scrapes * 2 * (shards + 1);
    const perMinute = (count: number): number => count * minutes;
    const seconds = ((this.#monitorMs + this.#proberMs) * times) / 1000 + perMinute(0.002 * asked + 0.2 * heartbeats);
    const reports = this.#reports * times;
    const stored = config.retention;
    const sweeps = targets * hours * (stored.samplesDays > 0 ? 1 : 0);
    const usage = Object.fromEntries(METERS.map((name) => [name, 0])) as Usage;
    return {
      ...usage,
      workerRequests: perMinute(1 + scrapes),
      workerCpuMs: perMinute(CRON_CPU_MS + scrapes * (SCRAPE_CPU_MS + SCRAPE_TARGET_CPU_MS * targets)),
      // The cron's call of the Alerter, and its alarms.
      objectRequests: this.#requests * times + perMinute(1 + ALERTER_ALARMS + asked),
      objectGbSeconds: (seconds + reports * 0.003) * PRICES.objectGb,
      objectRowsWritten:
        this.#rows * times +
        reports * REPORT_ROWS +
        perMinute(1 + ALERTER_ALARMS * ALARM_ROWS) +
        shards * hours * SHIPPING_ROWS +
        downTargets * (alertRows + endpoints * OUTAGE_MESSAGE_ROWS),
      objectRowsRead: (this.#rows * times + reports) * 2,
      // Each hour is written twice; an hour is stripped of its samples, and one is deleted.
      d1RowsWritten: targets * hours * 2 + sweeps * 2 + (isOutage ? targets * (1 + endpoints) : 0),
      d1RowsRead: targets * hours * (2 * 2 + SWEPT_HOURS + 4),
      kvReads: perMinute(1),
      kvWrites: 0,
      logEvents:
        this.#lines * times + shards * hours * 2 + (outage === undefined ? 0 : outageLines(config, endpoints, outage)),
    };
  }
}

/** Lines that an outage of all targets writes besides those of its ticks. */
function outageLines({ targets }: Config, endpoints: number, { isCrowded }: { isCrowded: boolean }): number {
  const alertLines = isCrowded ? CROWDED_ALERT_LINES : OUTAGE_ALERT_LINES;
  const each = alertLines + (endpoints > 0 ? OUTAGE_MESSAGE_LINES : 0);
  return targets.reduce((sum, { probes }) => sum + probes.length + each, 0);
}
