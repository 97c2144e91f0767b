import { startChild } from "../child.ts";
import type { Story } from "../story.ts";

/** Three hours of the day that `npm run simulate -- --workerd` plays whole. */
const DAYS = "0.125";

/** One script, played by the simulator and inside workerd with reference Zakos on loopback: equal ledgers. */
export const twoWorlds: Story = {
  name: "two-worlds",
  alone: true,
  async run(ctx) {
    const child = startChild("node", ["test/simulate/main.ts", "--workerd", "--days", DAYS], process.cwd());
    ctx.defer(() => child.signalGroup("SIGKILL"));
    const { code } = await child.ended;
    const { lines } = child;
    ctx.check("the two worlds agree", code === 0, code === 0 ? "" : lines.join("\n").slice(-6_000));
    const outages = Number(lines.find((line) => line.startsWith("outages "))?.split(/\s+/)[1]);
    ctx.check("there were outages to agree about", outages >= 8, outages);
  },
};
