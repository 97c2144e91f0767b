import type { HistoryReport, MonitorAsked, StateReport, TicksReport } from "../asked.ts";
import type { Bench, Section } from "../bench.ts";
import { FIVE_PROBES, fleetConfig, NOWHERE, THREE_VANTAGES } from "../fleet.ts";
import { medians } from "../rounds.ts";
import { type Row, row, show } from "../row.ts";
import { startWranglerWorker, type WranglerWorker } from "../wrangler-worker.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const UPLOAD_MS = 600_000;
/** A full hour: an hour of ticks then holds one shipment of each kind. */
const START = Date.UTC(2030, 0, 1);
const MAX_VALUE_BYTES = 1_000_000;
const COMMITS = 20;
/** Hours in a row that are counted, after as many as it takes until as much is swept as is shipped. */
const HISTORY = { warmHours: 9, hours: 3, keepSamplesHours: 4, keepRollupsHours: 8 };

/** What is written, and how much is kept. */
export const storageSection: Section = {
  name: "storage",
  title: "Rows written, from `rows_written` (deletes included), and the size of the state; 5 probes x 3 vantages",
  async run(bench) {
    const rows: Row[] = [];
    const wrangler = await startWranglerWorker();
    try {
      for (const targets of bench.quick ? [1, 10] : [1, 10, 100, 1_000]) rows.push(await history(wrangler, targets));
    } finally {
      await wrangler.stop();
    }
    for (const targets of bench.quick ? [10] : [100, 1_000]) rows.push(...(await state(bench, targets)));
    return rows;
  },
};

async function history(wrangler: WranglerWorker, targets: number): Promise<Row> {
  const report = await wrangler.ask<HistoryReport>("/history", { targets, ...HISTORY });
  const detail = `${report.rowsWritten.toLocaleString("en-US")} rows in ${HISTORY.hours} h, ${report.statements} statements`;
  return row(
    `D1 rows per target-minute, ${targets.toLocaleString("en-US")} ${targets === 1 ? "target" : "targets"}`,
    report.rowsWritten / targets / (HISTORY.hours * 60),
    "rows",
    0.1,
    detail,
  );
}

async function state({ worker, rounds, quick }: Bench, targets: number): Promise<Row[]> {
  const name = `state ${targets}`;
  const config = fleetConfig({ targets, url: NOWHERE, probes: FIVE_PROBES, vantages: THREE_VANTAGES });
  await worker.ask("/monitor", { name, config, probing: "instant" } satisfies MonitorAsked);
  const run = (from: number, count: number) =>
    worker.ask<TicksReport>("/ticks", { name, from, count, stepMs: MINUTE_MS, ship: true });
  // Memories and the sums of histograms grow in the first day; an upload is due every ten minutes.
  const warm = quick ? 2 : DAY_MS / UPLOAD_MS;
  await worker.ask("/ticks", { name, from: START - warm * UPLOAD_MS, count: warm, stepMs: UPLOAD_MS, ship: true });
  const cpuBefore = worker.cpuMs();
  const ticks = quick ? 5 : HOUR_MS / MINUTE_MS;
  const report = await run(START, ticks);
  const cpuMs = worker.cpuMs() - cpuBefore;
  const kept = await worker.ask<StateReport>("/state", { name });
  const { commit } = await medians(rounds, {
    commit: async () => (await worker.cost("/commits", { name, count: COMMITS })) / COMMITS,
  });
  const words = `${targets.toLocaleString("en-US")} targets`;
  const goal = targets === 1_000 ? 8 : null;
  const kib = (bytes: number): string => `${show(bytes / 1_024)} KiB`;
  return [
    row(
      `Durable Object rows per tick, ${words}`,
      report.rows / ticks,
      "rows",
      goal,
      `${report.rows} rows in ${ticks} ticks, alarms and deletes included`,
    ),
    row(
      `state, ${words}`,
      (kept.seriesBytes + kept.memoryBytes + kept.headBytes + kept.windowBytes) / 1_024,
      "KiB",
      null,
      `series ${kib(kept.seriesBytes)}, windows of rules ${kib(kept.windowBytes)}, memories ${kib(kept.memoryBytes)} and their journal ${kib(kept.headBytes)}; besides, backlog of 1 to 2 h ${kib(kept.backlogBytes)}, minutes of rules ${kib(kept.minuteBytes)}`,
    ),
    row(`largest stored value, ${words}`, kept.largestBytes, "bytes", MAX_VALUE_BYTES),
    row(`commit of all series, CPU, ${words}`, commit, "ms", null),
    row(
      `whole tick but for the probes, CPU, ${words}`,
      cpuMs / ticks,
      "ms",
      null,
      `${show((cpuMs / report.runs) * 1_000)} us per run`,
    ),
  ];
}
