import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startZako } from "../../zako/server.ts";
import type { Scrape } from "../metrics.ts";
import type { Story } from "../story.ts";
import { tickAfter } from "../ticks.ts";

/** How long nobody asks anything: the platform evicts an object that has had nothing to do for about 10 s. */
const IDLE_MS = 15_000;
/** Part of a minute that the idle time must fit into, before the next cron comes by itself. */
const MINUTE_MS = 60_000;

/** Somebody deploys with one probe a minute and looks at the bill: between two ticks nothing stays in memory. */
export const idle: Story = {
  name: "idle",
  async run(ctx) {
    const zako = await startZako();
    ctx.defer(() => zako.close());
    const config = join(ctx.scratch, "watch.yaml");
    const off = ["cas.details", "cas.negotiate", "transport.download", "transport.upload", "transport.journey"];
    writeFileSync(
      config,
      `installation: idle
defaults: { probes: { ${off.map((kind) => `${kind}: false`).join(", ")} } }
targets: [{ name: zako, cas: ${zako.url}, probes: { health: { interval: 1m, timeout: 5s } } }]
`,
    );
    const product = await ctx.startProduct({ args: ["--config", config] });
    await tickAfter(ctx, product, 0);

    // The cron of the next full minute, so that none comes by itself while nobody asks.
    const minute = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS;
    await sleep(minute - Date.now());
    const before = await tickAfter(ctx, product, minute / 1000 - 1);
    await sleep(IDLE_MS);
    const wokenAt = Date.now();
    const next = (before.lastSlot + 60) * 1000;
    await fetch(`${product.url}/cdn-cgi/local/scheduled?cron=*+*+*+*+*&time=${next}`);
    const after = await ctx.until("the tick that was asked for", async () => {
      const seen = await product.scrape();
      return seen.lastSlot > before.lastSlot && intakes(seen) > intakes(before) && seen;
    });

    for (const name of ["monitor", "alerter"]) {
      const family = `zako_watch_${name}_start_timestamp_seconds`;
      const startedAt = after.sum(family) * 1000;
      const seen = `started ${Math.round((startedAt - wokenAt) / 100) / 10} s after it was woken`;
      ctx.check(`15 s after a tick the ${name} is not in memory any more`, startedAt >= wokenAt, seen);
    }
    const failures = after.sum("zako_v1_probe_failures_total") + after.sum("zako_watch_lost_results_total");
    const ran = after.sum("zako_watch_ticks_total");
    ctx.check("and the ticks before and after were whole", failures === 0 && ran >= 3, `${ran} ticks`);
  },
};

const intakes = (seen: Scrape): number => seen.sum("zako_watch_intakes_total", { result: "applied" });
