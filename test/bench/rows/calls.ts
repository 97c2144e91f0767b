import type { CallsAsked, Maker } from "../asked.ts";
import type { Bench, Section } from "../bench.ts";
import { GOLDEN } from "../fleet.ts";
import { medians } from "../rounds.ts";
import { type Quantity, type Row, ratio } from "../row.ts";

const CALLS = 2_000;
const MAKERS = ["bare", "ours", "connect-web", "universal"] as const satisfies readonly Maker[];
const WORDS: Readonly<Record<Maker, string>> = {
  bare: "bare fetch",
  ours: "ours",
  "connect-web": "connect-web",
  universal: "universal",
};

/** CPU of one unary call, against a plain fetch that reads the body the same way. */
export const callsSection: Section = {
  name: "calls",
  title: "CPU of a unary call, Health.Check, as a probe makes it (deadline, traceparent, cap, verdict), in workerd",
  async run(bench) {
    return [...(await check(bench, "connect", 1.15)), ...(await check(bench, "grpc-web", 1.25))];
  },
};

async function check(bench: Bench, protocol: CallsAsked["protocol"], goal: number): Promise<Row[]> {
  const count = bench.some(CALLS);
  const cost = await medians(
    bench.rounds,
    Object.fromEntries(
      MAKERS.map((maker) => {
        const asked: CallsAsked = {
          maker,
          question: "check",
          protocol,
          url: bench.zako.url,
          count,
          blob: GOLDEN,
          seed: 0,
        };
        return [maker, async () => ((await bench.worker.cost("/calls", asked)) / count) * 1_000];
      }),
    ) as Record<Maker, () => Promise<number>>,
  );
  const of = (maker: Maker): Quantity => ({ what: WORDS[maker], value: cost[maker], unit: "us" });
  return [
    ratio(`${protocol} Check: ours / bare fetch`, goal, of("ours"), of("bare")),
    ratio(`${protocol} Check: connect-web / bare fetch`, null, of("connect-web"), of("bare")),
    ratio(`${protocol} Check: universal / bare fetch`, null, of("universal"), of("bare")),
  ];
}
