import { commandBlocks } from "../../check/documented-commands.ts";
import { readDocuments } from "../../check/documents.ts";
import { runCommands } from "../../check/run-commands.ts";
import { clearFaults } from "../../zako-control.ts";
import type { Story } from "../story.ts";
import { tickAfter } from "../ticks.ts";

/** Somebody follows the documents: every block of commands that needs a running product, in their order. */
export const documentedCommands: Story = {
  name: "documented-commands",
  async run(ctx) {
    const blocks = commandBlocks(readDocuments()).filter(({ needs }) => needs === "product");
    ctx.check("the documents have commands for a running product", blocks.length > 0, `${blocks.length} blocks`);
    const product = await ctx.startProduct();
    await tickAfter(ctx, product, 0);
    const { host } = new URL(product.url);
    const adapt = (command: string): string => command.replaceAll(/\b(localhost|127\.0\.0\.1):8787\b/g, host);
    const env = { ZAKO_CONTROL: product.controlUrl, ZAKO_WATCH_URL: product.url };
    for (const block of blocks) {
      const { ok, output } = await runCommands(block, { folder: product.project, env, adapt, timeoutMs: 60_000 });
      ctx.check(`${block.place}: ${block.commands.length} commands work`, ok, output.split("\n").at(-1));
      // What a block leaves broken is not the next one's matter.
      await clearFaults(product.controlUrl);
    }
  },
};
