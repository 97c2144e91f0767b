import type { CallsAsked, Question } from "../asked.ts";
import type { Bench, Section } from "../bench.ts";
import { GOLDEN } from "../fleet.ts";
import { goldenContent } from "../golden.ts";
import { medians } from "../rounds.ts";
import { type Row, ratio } from "../row.ts";

const CALLS = 300;
const GOAL = 0.6;

let seed = 0;

/** CPU of calls with streams, against the library's universal transports. */
export const streamsSection: Section = {
  name: "streams",
  title: "CPU of a streaming call, in workerd; Negotiate over Connect needs HTTP/2, which local fetch has not",
  async run(bench) {
    return [
      await compare(bench, "upload", "connect", "Upload 4 KiB", GOAL),
      await compare(bench, "upload", "grpc-web", "Upload 4 KiB", GOAL),
      await compare(bench, "negotiate", "grpc-web", "Negotiate", GOAL),
      await compare(bench, "download", "connect", "Download 64 KiB", null),
      await compare(bench, "download", "grpc-web", "Download 64 KiB", null),
    ];
  },
};

async function compare(
  bench: Bench,
  question: Question,
  protocol: CallsAsked["protocol"],
  words: string,
  goal: number | null,
): Promise<Row> {
  const count = bench.some(CALLS);
  const contender = (maker: "ours" | "universal") => async () => {
    if (question === "upload") {
      bench.zako.store.clear();
      bench.zako.store.keep(GOLDEN.digest, goldenContent());
    }
    const asked: CallsAsked = { maker, question, protocol, url: bench.zako.url, count, blob: GOLDEN, seed };
    seed += count;
    await bench.worker.ask("/calls/prepare", asked);
    return ((await bench.worker.cost("/calls", asked)) / count) * 1_000;
  };
  const { ours, universal } = await medians(bench.rounds, {
    ours: contender("ours"),
    universal: contender("universal"),
  });
  return ratio(
    `${protocol} ${words}: ours / universal`,
    goal,
    { what: "ours", value: ours, unit: "us" },
    { what: "universal", value: universal, unit: "us" },
  );
}
