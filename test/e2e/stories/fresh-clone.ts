import { join } from "node:path";
import { startChild } from "../child.ts";
import type { Story } from "../story.ts";

/** Somebody clones the repository and follows the README's two commands. */
export const freshClone: Story = {
  name: "fresh-clone",
  onRequest: true,
  async run(ctx) {
    const clone = join(ctx.scratch, "clone");
    const since = Date.now();
    for (const [what, command, args, folder] of [
      ["git clone", "git", ["clone", "--quiet", "--no-hardlinks", process.cwd(), clone], ctx.scratch],
      ["npm ci", "npm", ["ci", "--prefer-offline", "--no-audit", "--no-fund"], clone],
    ] as const) {
      const child = startChild(command, args, folder);
      ctx.defer(() => child.signalGroup("SIGKILL"));
      const { code } = await child.ended;
      ctx.check(`${what} works`, code === 0, code === 0 ? child.lines.at(-1) : child.lines.join("\n"));
      if (code !== 0) return;
    }
    const product = await ctx.startProduct({ project: clone });
    const sum = await ctx.until("a probe succeeds", async () => (await product.scrape()).sum("zako_v1_probe_success"));
    ctx.check("npm start shows metrics", sum > 0, `${sum} probes succeed, ${Date.now() - since} ms after git clone`);
  },
};
