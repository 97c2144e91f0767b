import { worstInvocations } from "../../../functions/config/cost/worst-minute.ts";
import type { Config } from "../../../functions/model/config.ts";
import { EMPTY_MEMORY } from "../../../functions/model/probing/memory.ts";
import { dueRuns } from "../../../functions/model/probing/schedule/due-runs.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import type { MonitorAsked, TicksAsked, TicksReport } from "../asked.ts";
import type { Bench, Section } from "../bench.ts";
import { type BenchWorker, startBenchWorker } from "../bench-worker.ts";
import { isolateShare, profiled } from "../cpu-profile.ts";
import { fleetConfig } from "../fleet.ts";
import { type Row, row, show } from "../row.ts";

const MINUTE_MS = 60_000;
const WEEK_MINUTES = 10_080;
const START = Date.UTC(2030, 0, 1);
const SUBREQUESTS = 50;
const CPU_TICKS = 100;
const CPU_MS = 10;
/** 0.5 GB-s of an object of 128 MB. */
const OBJECT_SECONDS = 3.9;

const kinds = new Map(PROBE_KINDS.map((kind) => [kind.kind, kind]));

/** Whether what the free plan allows is enough for five targets with all default probes. */
export const freePlanSection: Section = {
  name: "free-plan",
  title: "The free plan: 5 targets with the default probes, 1 vantage, every minute; 50 subrequests and 10 ms of CPU",
  async run(bench) {
    const config = fleetConfig({
      targets: 5,
      url: bench.zako.url,
      probes: PROBE_KINDS.filter(({ defaults }) => defaults.enabled).map(({ kind }) => kind),
    });
    return [...(await calls(bench, config)), ...(await cpu(bench, config))];
  },
};

/** The most calls that each minute's runs may make, from what the kinds declare. */
function declaredCalls(config: Config): number[] {
  return Array.from({ length: WEEK_MINUTES }, (_, minute) =>
    dueRuns({
      config,
      scheduleOf: (kind) => kinds.get(kind)?.schedule ?? "every",
      memoryOf: () => EMPTY_MEMORY,
      slot: START + minute * MINUTE_MS,
    }).reduce((sum, { plan }) => sum + (kinds.get(plan.kind)?.calls(plan.options) ?? 0), 0),
  );
}

async function calls(bench: Bench, config: Config): Promise<Row[]> {
  const declared = declaredCalls(config);
  const from = START + declared.indexOf(Math.max(...declared)) * MINUTE_MS;
  // Some of what is due waits for a minute with more room.
  const worst = Math.max(...worstInvocations(config, kinds).map(({ calls: most }) => most));
  await bench.worker.ask("/monitor", { name: "worst", config, probing: "fetch" } satisfies MonitorAsked);
  const report = await bench.worker.ask<TicksReport>("/ticks", { name: "worst", from, count: 1, stepMs: MINUTE_MS });
  const mean = declared.reduce((sum, one) => sum + one, 0) / declared.length;
  const all = config.targets
    .flatMap(({ probes }) => probes)
    .reduce((sum, { kind, options }) => sum + (kinds.get(kind)?.calls(options) ?? 0), 0);
  return [
    row("subrequests, worst minute of a week", worst, "calls", SUBREQUESTS, `made when it was run: ${report.calls}`),
    row("subrequests, mean minute", mean, "calls", null),
    row("subrequests, were all probes due at once", all, "calls", null, "they are spread, so this does not happen"),
  ];
}

async function cpu(bench: Bench, config: Config): Promise<Row[]> {
  const count = bench.some(CPU_TICKS);
  const ticking = async ({ ask }: Pick<BenchWorker, "ask">) => {
    await ask("/monitor", { name: "free", config, probing: "fetch" } satisfies MonitorAsked);
    const ticks = (from: number) =>
      ask<TicksReport>("/ticks", { name: "free", from, count, stepMs: MINUTE_MS } satisfies TicksAsked);
    await ticks(START);
    return () => ticks(START + count * MINUTE_MS);
  };
  const ticks = await ticking(bench.worker);
  const before = bench.worker.cpuMs();
  const report = await ticks();
  const perTick = (bench.worker.cpuMs() - before) / count;
  const seconds = report.wallMs / 1_000 / count;
  const inspected = await startBenchWorker({ inspector: true });
  try {
    const work = await ticking(inspected);
    const share = isolateShare(await profiled(inspected.inspector ?? "", work));
    return [
      row("CPU per tick", perTick, "ms", null, `of the whole process; ${report.calls} calls in ${count} ticks`),
      row(
        "isolate CPU per invocation",
        perTick * share,
        "ms",
        CPU_MS,
        `${show(share * 100)} % of the process by V8's profiler, platform calls from JavaScript included`,
      ),
      row(
        "Durable Object seconds per tick, against loopback",
        seconds,
        "s",
        OBJECT_SECONDS,
        `${show(seconds * 0.128)} GB-s; what targets take to answer comes on top`,
      ),
    ];
  } finally {
    await inspected.stop();
  }
}
