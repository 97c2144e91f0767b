import type { MonitorAsked, TicksReport } from "../asked.ts";
import type { Bench, Section } from "../bench.ts";
import { FIVE_PROBES, fleetConfig, NOWHERE, THREE_VANTAGES } from "../fleet.ts";
import { type Row, row, show } from "../row.ts";

const MINUTE_MS = 60_000;
const TARGETS = 1_000;
const STUB_DELAY_MS = 50;
/** As many as a Monitor awaits at once, over three vantages. */
const LANES = 2;

/** How long the busiest tick of the largest fleet takes. */
export const fleetSection: Section = {
  name: "fleet",
  title: `A tick of ${TARGETS.toLocaleString("en-US")} targets x 5 probes x 3 vantages with everything due at once; 6 lanes with 6 connections each`,
  async run(bench) {
    const targets = bench.some(TARGETS);
    const common = { targets, probes: FIVE_PROBES, vantages: THREE_VANTAGES, lanes: LANES, allAtFirst: true };
    return [
      ...(await oneTick(bench, `stub that answers after ${STUB_DELAY_MS} ms, all probes from all vantages`, {
        name: "stub",
        config: fleetConfig({ ...common, url: NOWHERE }),
        probing: "stub",
        delayMs: STUB_DELAY_MS,
        everywhere: true,
      })),
      ...(await oneTick(bench, "real loopback, each kind's own schedule", {
        name: "real",
        config: fleetConfig({ ...common, url: bench.zako.url }),
        probing: "fetch",
      })),
    ];
  },
};

async function oneTick(bench: Bench, words: string, asked: MonitorAsked): Promise<Row[]> {
  await bench.worker.ask("/monitor", asked);
  const from = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const before = bench.worker.cpuMs();
  const report = await bench.worker.ask<TicksReport>("/ticks", { name: asked.name, from, count: 1, stepMs: MINUTE_MS });
  const cpuMs = bench.worker.cpuMs() - before;
  const seconds = report.wallMs / 1_000;
  const detail = [
    `${report.runs.toLocaleString("en-US")} runs`,
    ...(report.calls > 0 ? [`${report.calls.toLocaleString("en-US")} calls`] : []),
    `${report.bad} not well${reasonsOf(report)}`,
    `${report.lost} lost`,
    `CPU ${show(cpuMs / 1_000)} s`,
  ].join(", ");
  const tick = row(`${words}: tick`, seconds, "s", 60, detail);
  return [
    { ...tick, ok: tick.ok && report.lost === 0 },
    row(`${words}: probes per second`, report.runs / seconds, "1/s", null),
    row(`${words}: CPU per probe`, (cpuMs / report.runs) * 1_000, "us", null),
  ];
}

const reasonsOf = ({ reasons }: TicksReport): string => {
  const all = Object.entries(reasons).sort(([, a], [, b]) => b - a);
  return all.length === 0 ? "" : ` (${all.map(([reason, times]) => `${times} x ${reason}`).join(", ")})`;
};
