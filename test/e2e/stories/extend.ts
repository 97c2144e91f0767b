import { ADDITIONS, additionFiles, addTo } from "../../extend/additions.ts";
import { GATES } from "../../extend/gates.ts";
import { startChild } from "../child.ts";
import type { Story } from "../story.ts";

/** Somebody adds a probe kind, a channel and a rule kind. `npm run extend` does the same with all checks and all tests. */
export const extend: Story = {
  name: "extend",
  async run(ctx) {
    const files = ADDITIONS.flatMap(({ source, test }) => [source, test]).sort();
    ctx.check("each is one source file and one test file", additionFiles().join() === files.join(), additionFiles());
    const copy = ctx.project();
    addTo(copy);
    for (const [command, ...args] of GATES.small) {
      const child = startChild(command, args, copy);
      ctx.defer(() => child.signalGroup("SIGKILL"));
      const { code } = await child.ended;
      const what = [command, ...args.slice(0, 3)].join(" ");
      ctx.check(`${what} passes in the copy`, code === 0, code === 0 ? "it does" : child.lines.slice(-60).join("\n"));
      if (code !== 0) return;
    }
  },
};
