import type { CallsAsked, TicksReport } from "../asked.ts";
import type { Bench, Section } from "../bench.ts";
import { type Blackbox, INSTALL, startBlackbox } from "../blackbox.ts";
import { fleetConfig, GOLDEN } from "../fleet.ts";
import { medians } from "../rounds.ts";
import { notMeasured, type Row, ratio, row } from "../row.ts";

const MINUTE_MS = 60_000;
const GOAL = 0.6;
/** Of a bare fetch. */
const BARE_GOAL = 2;
const ROUNDS = 5;
/** Probes of one measurement. */
const PROBES = 2_000;

type Protocol = "connect" | "grpc-web";

/** CPU per probe of a whole tick, against blackbox_exporter. */
export const ticksSection: Section = {
  name: "ticks",
  title:
    "CPU per probe of a whole tick of `health` (due, batch, count, judge, commit, history), against blackbox_exporter\n" +
    "making the same call; it opens a connection per probe, we pool them",
  async run(bench) {
    const blackbox = await startBlackbox();
    try {
      const rows: Row[] = [];
      for (const targets of bench.quick ? [100] : [100, 1_000]) rows.push(...(await compare(bench, blackbox, targets)));
      return rows;
    } finally {
      await blackbox?.stop();
    }
  },
};

async function compare(bench: Bench, blackbox: Blackbox | undefined, targets: number): Promise<Row[]> {
  const connect = await ticking(bench, "connect", targets);
  const web = await ticking(bench, "grpc-web", targets);
  const names = {
    connect: `tick of ${targets.toLocaleString("en-US")}: connect / blackbox http`,
    web: `tick of ${targets.toLocaleString("en-US")}: grpc-web / blackbox grpc`,
  };
  const rounds = bench.quick ? 1 : ROUNDS;
  const bare = bareFetch(bench);
  if (blackbox === undefined) {
    const cost = await medians(rounds, { connect, web, bare });
    return [
      notMeasured(names.connect, "x", GOAL, `${INSTALL} (ours ${Math.round(cost.connect)} us)`),
      notMeasured(names.web, "x", GOAL, `${INSTALL} (ours ${Math.round(cost.web)} us)`),
      againstBare(targets, cost),
    ];
  }
  const probes = bench.some(PROBES) / 2;
  const perProbe = async (module: "connect" | "grpc", target: string): Promise<number> =>
    ((await blackbox.cost(module, target, probes)) / probes) * 1_000;
  const cost = await medians(rounds, {
    connect,
    bare,
    http: () => perProbe("connect", `${bench.zako.url}/grpc.health.v1.Health/Check`),
    web,
    grpc: () => perProbe("grpc", bench.zako.grpcUrl.replace("http://", "")),
  });
  const us = (what: string, value: number) => ({ what, value, unit: "us" });
  const theirs = `blackbox ${blackbox.version}`;
  return [
    ratio(names.connect, GOAL, us("ours", cost.connect), us(theirs, cost.http)),
    ratio(names.web, GOAL, us("ours", cost.web), us(theirs, cost.grpc)),
    againstBare(targets, cost),
    row(
      `tick of ${targets.toLocaleString("en-US")}: probes per second of CPU, connect`,
      1e6 / cost.connect,
      "1/s",
      null,
    ),
  ];
}

function againstBare(targets: number, { connect, bare }: { connect: number; bare: number }): Row {
  const us = (what: string, value: number) => ({ what, value, unit: "us" });
  const name = `tick of ${targets.toLocaleString("en-US")}: connect / bare fetch`;
  return ratio(name, targets === 1_000 ? BARE_GOAL : null, us("ours", connect), us("bare fetch", bare));
}

/** A measurement of the same exchange without a prober, CPU per call, us. */
function bareFetch(bench: Bench): () => Promise<number> {
  const count = bench.some(PROBES);
  const asked: CallsAsked = {
    maker: "bare",
    question: "check",
    protocol: "connect",
    url: bench.zako.url,
    count,
    blob: GOLDEN,
    seed: 0,
  };
  return async () => ((await bench.worker.cost("/calls", asked)) / count) * 1_000;
}

/** Sets a Monitor up and gives a measurement of CPU per probe, us. */
async function ticking(bench: Bench, protocol: Protocol, targets: number): Promise<() => Promise<number>> {
  const name = `${protocol} ${targets}`;
  const config = fleetConfig({ targets, url: bench.zako.url, probes: ["health"], protocol });
  await bench.worker.ask("/monitor", { name, config, probing: "fetch" });
  const count = Math.max(1, Math.round(bench.some(PROBES) / targets));
  let from = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  return async () => {
    const before = bench.worker.cpuMs();
    const report = await bench.worker.ask<TicksReport>("/ticks", { name, from, count, stepMs: MINUTE_MS });
    from += count * MINUTE_MS;
    if (report.bad + report.lost > 0)
      throw new Error(`Of ${report.runs} runs ${report.bad} failed and ${report.lost} were lost.`);
    return ((bench.worker.cpuMs() - before) / report.runs) * 1_000;
  };
}
