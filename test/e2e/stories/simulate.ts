import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startChild } from "../child.ts";
import type { Story } from "../story.ts";

/** One of each sort: servers, networks, platform, people, receivers. The whole of it is `npm run simulate`. */
const SCENARIOS = [
  "refused",
  "corrupt",
  "upload-fails-5m",
  "three-on-one-front",
  "one-region-fails",
  "deaths",
  "escalations",
  "resharding",
  "receiver-hangs",
];
/** Those whose scenarios are short. */
const MUTANTS = ["no-rechecks", "rules-before-confirmation"];

interface Row {
  scenario: string;
  prober: string;
  outages: number;
  missed: number;
}

/** Some days of the simulator: the laws hold, and where one is broken it says so. */
export const simulate: Story = {
  name: "simulate",
  alone: true,
  async run(ctx) {
    const json = join(ctx.scratch, "rows.json");
    const play = async (...args: readonly string[]): Promise<{ code: number | null; output: string }> => {
      const child = startChild("node", ["test/simulate/main.ts", ...args], process.cwd());
      ctx.defer(() => child.signalGroup("SIGKILL"));
      const { code } = await child.ended;
      return { code, output: child.lines.join("\n") };
    };
    const days = await play("--days", "1", "--json", json, ...SCENARIOS);
    ctx.check("every law and bound holds", days.code === 0, days.code === 0 ? "" : days.output.slice(-4_000));
    const rows = JSON.parse(readFileSync(json, "utf8")) as Row[];
    const sum = (prober: string, of: "outages" | "missed"): number =>
      rows.filter((row) => row.prober === prober).reduce((all, row) => all + row[of], 0);
    ctx.check("there were outages to miss", sum("zako-watch", "outages") > 100, sum("zako-watch", "outages"));
    ctx.check(
      "the model of Prometheus misses some of them",
      sum("prometheus", "missed") > 0,
      sum("prometheus", "missed"),
    );
    const random = await play("--random", "--seeds", "2");
    ctx.check("random scripts break nothing", random.code === 0, random.code === 0 ? "" : random.output.slice(-4_000));
    for (const name of MUTANTS) {
      const { code, output } = await play("--mutant", name);
      ctx.check(`the mutant ${name} is found`, code === 0, code === 0 ? "" : output.slice(-2_000));
    }
  },
};
