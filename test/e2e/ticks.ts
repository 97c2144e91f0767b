import type { Scrape } from "./metrics.ts";
import type { Product } from "./product.ts";
import type { Context } from "./story.ts";

/** Slots of a local run. */
export const GRID_S = 10;

/** How long no further commit must come until a tick counts as over, its confirmations included. */
const CALM_MS = 1_200;

/** The numbers after the first tick for a slot later than `after` (epoch s), its confirmations included. */
export async function tickAfter(ctx: Context, product: Product, after: number, boundMs = 40_000): Promise<Scrape> {
  let last: { ticks: number; at: number } | undefined;
  return ctx.until(
    `a tick after ${new Date(after * 1000).toISOString()}`,
    async () => {
      const seen = await product.scrape();
      if (seen.lastSlot <= after) return;
      const ticks = seen.sum("zako_watch_ticks_total");
      if (last?.ticks !== ticks) last = { ticks, at: Date.now() };
      return Date.now() - last.at >= CALM_MS ? seen : undefined;
    },
    boundMs,
  );
}
