import type { MonitorAsked } from "../asked.ts";
import type { Bench, Section } from "../bench.ts";
import { startBenchWorker } from "../bench-worker.ts";
import { FIVE_PROBES, fleetConfig, NOWHERE, THREE_VANTAGES } from "../fleet.ts";
import { type Row, row, show } from "../row.ts";

const MINUTE_MS = 60_000;
const START = Date.UTC(2030, 0, 1);
const GOAL_MB = 48;
/** Scrapes that are measured, by two servers at a time. */
const SCRAPES = 12;
const AT_ONCE = 2;

/** A shard of 10,000 targets in 20 has 500 on average, and up to 560. */
const SHARD = { targets: 560, what: "one shard (of 20) of 10,000 x 5 x 3", status: 200 };
/** Above the size of an answer: it is rendered to be counted, and refused. Prometheus reads such a fleet by shards. */
const WHOLE = { targets: 1_000, what: "/metrics at 1,000 x 5 x 3, counted and refused", status: 413 };

/**
 * What answers of `/metrics` cost in memory: the growth of the resident memory of the whole workerd process, whose one
 * isolate is Worker and Monitor at once, at its peak, over what it has before the first of them. Garbage that V8 has not
 * collected yet counts.
 */
export const memorySection: Section = {
  name: "memory",
  title: "Peak growth of workerd's resident memory while `/metrics` answers, Monitor included; text, OpenMetrics, gzip",
  async run(bench) {
    const rows: Row[] = [];
    // Each in a process of its own: one that has grown before grows less.
    for (const spec of [WHOLE, SHARD]) {
      const worker = await startBenchWorker();
      try {
        rows.push(await memoryOf({ ...bench, worker }, spec));
      } finally {
        await worker.stop();
      }
    }
    return rows;
  },
};

async function memoryOf({ worker, quick, some }: Bench, { targets, what, status }: typeof SHARD): Promise<Row> {
  const count = quick ? Math.ceil(targets / 20) : targets;
  const config = fleetConfig({
    targets: count,
    url: NOWHERE,
    probes: FIVE_PROBES,
    vantages: THREE_VANTAGES,
    allAtFirst: true,
  });
  await worker.ask("/monitor", { name: "metrics", config, probing: "instant" } satisfies MonitorAsked);
  const tick = (from: number, ticks: number): Promise<unknown> =>
    worker.ask("/ticks", { name: "metrics", from, count: ticks, stepMs: MINUTE_MS, ship: true });
  await tick(START, 3);
  const statuses = new Set<number>();
  let bytes = 0;
  const scrape = async (i: number): Promise<void> => {
    const accept = i % 2 === 0 ? "application/openmetrics-text; version=1.0.0" : "text/plain; version=0.0.4";
    const encoding = i % 3 === 0 ? "identity" : "gzip";
    const response = await fetch(`${worker.url}/metrics`, { headers: { accept, "accept-encoding": encoding } });
    statuses.add(response.status);
    // The client of the bench decompresses, so this is the size of the text.
    bytes = Math.max(bytes, (await response.arrayBuffer()).byteLength);
  };
  const growth = await worker.growth(async () => {
    for (let i = 0; i < some(SCRAPES); i += AT_ONCE)
      await Promise.all(Array.from({ length: AT_ONCE }, (_, j) => scrape(i + j)));
  });
  if (!quick && [...statuses].join() !== String(status))
    throw new Error(
      `${what}: the answers were ${[...statuses].join(", ")}, not ${status}; this is no measurement of it`,
    );
  const detail = `answers ${[...statuses].join(", ")}, of ${show(bytes / 1e6)} MB at most`;
  return row(`memory of ${what}`, growth / 1e6, "MB", GOAL_MB, detail);
}
