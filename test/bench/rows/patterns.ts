import { matcherPattern } from "../../../functions/model/alerting/matcher-pattern.ts";
import type { Section } from "../bench.ts";
import { medians } from "../rounds.ts";
import { type Row, ratio } from "../row.ts";

const VALUE = "cas-eu-west-1-production";
const PATTERNS = ["cas-.+", "cas-eu-west-1|cas-us-east-2|cas-eu-west-1-production", "(?:[a-z]+|[0-9]+|-)+"];
const TIMES = 300_000;

/** What a matcher's regular expression costs, against the platform's engine, which takes exponential time for some. */
export const patternsSection: Section = {
  name: "patterns",
  title: "One label of 24 characters against a regular expression, CPU, in Node",
  async run({ rounds, some }): Promise<Row[]> {
    const rows: Row[] = [];
    for (const source of PATTERNS) {
      const checked = matcherPattern(source);
      if (!checked.ok) throw new Error(checked.problem);
      const cost = (engine: { test(text: string): boolean }) => async () => cpuNs(engine, some(TIMES));
      const { ours, native } = await medians(rounds, {
        ours: cost(checked.pattern),
        native: cost(new RegExp(`^(?:${source})$`, "su")),
      });
      const quantity = (what: string, value: number) => ({ what, value, unit: "ns" });
      rows.push(ratio(source, null, quantity("ours", ours), quantity("RegExp", native)));
    }
    return rows;
  },
};

function cpuNs(engine: { test(text: string): boolean }, times: number): number {
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) engine.test(VALUE);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1_000) / times;
}
