import { readFileSync, writeFileSync } from "node:fs";
import { clearFaults, setFault } from "../../zako-control.ts";
import { CounterLaw, type Scrape } from "../metrics.ts";
import type { Product } from "../product.ts";
import type { Context, Story } from "../story.ts";
import { tickAfter } from "../ticks.ts";

/** Somebody edits the config while it is in use. */
export const reconfigure: Story = {
  name: "reconfigure",
  async run(ctx) {
    const product = await ctx.startProduct();
    const law = new CounterLaw();
    const original = readFileSync(product.config, "utf8");
    const web = blockOf(original, "zako-web");
    const connect = blockOf(original, "zako-connect");
    // Series that come with their first failure are to be kept like all others.
    await setFault(product.controlUrl, "flip-byte");
    await ctx.until("a failure", async () => (await product.scrape()).sum("zako_v1_probe_failures_by_reason_total"));
    await clearFaults(product.controlUrl);
    let seen = law.see(await tickAfter(ctx, product, (await product.scrape()).lastSlot));

    const added = ["zako-new", "zako-old-name"].map((name) => web.replace("zako-web", name)).join("");
    const more = original.replace(/^notify:/m, `${added}notify:`);
    seen = await edit(ctx, product, seen, more);
    ctx.check(
      "two targets are added",
      same(seen.targets, ["zako-web", "zako-connect", "zako-grpc", "zako-new", "zako-old-name"]),
      seen.targets,
    );
    const attempts = seen.sum("zako_v1_probe_attempts_total", { target: "zako-new" });
    ctx.check("and asked at once", attempts >= 7, `${attempts} attempts`);
    untouched(ctx, law, seen, () => false);

    const fewer = more.replace(connect, "");
    seen = await edit(ctx, product, seen, fewer);
    ctx.check(
      "one is removed",
      same(seen.targets, ["zako-web", "zako-grpc", "zako-new", "zako-old-name"]),
      seen.targets,
    );
    untouched(ctx, law, seen, (series) => series.includes('"zako-connect"'));

    const renamed = fewer.replace("zako-old-name", "zako-renamed");
    seen = await edit(ctx, product, seen, renamed);
    ctx.check(
      "one is renamed",
      same(seen.targets, ["zako-web", "zako-grpc", "zako-new", "zako-renamed"]),
      seen.targets,
    );
    untouched(ctx, law, seen, (series) => series.includes('"zako-old-name"'));

    const less = renamed.replace(web, web.replace("probes: { ", "probes: { transport.upload: false, "));
    seen = await edit(ctx, product, seen, less);
    const ofUpload = (target: string): number =>
      seen.all("zako_v1_probe_attempts_total", { target, probe: "transport.upload" }).length;
    ctx.check("a probe is switched off", ofUpload("zako-web") === 0 && ofUpload("zako-new") === 1, "");
    untouched(ctx, law, seen, (series) => series.includes('"zako-web"') && series.includes('"transport.upload"'));

    await breakConfig(ctx, product, law, seen, less);
  },
};

/** An edit that cannot be used changes nothing but the terminal, and the next good one is taken over. */
async function breakConfig(
  ctx: Context,
  product: Product,
  law: CounterLaw,
  before: Scrape,
  good: string,
): Promise<void> {
  const printed = product.lines.length;
  writeFileSync(product.config, good.replace("targets:", "targtes:"));
  const since = (): readonly string[] => product.lines.slice(printed);
  await ctx.until("the error is told", () => since().some((line) => line.includes("stays in force")));
  ctx.check(
    "a broken edit is told with its place and a suggestion",
    since().some((l) => /watch\.yaml:\d+:\d+: .*targtes.*targets/.test(l)),
    since().join("\n"),
  );
  const kept = await tickAfter(ctx, product, before.lastSlot + 10);
  ctx.check(
    "and the running config is kept",
    kept.config === before.config && same(kept.targets, before.targets),
    kept.config,
  );
  untouched(ctx, law, kept, () => false);

  const mended = await edit(ctx, product, kept, good.replace("zako-new", "zako-newer"));
  ctx.check("a mended one is taken over", mended.targets.includes("zako-newer"), mended.targets);
  untouched(ctx, law, mended, (series) => series.includes('"zako-new"'));
}

/** Saves an edit and waits for its first tick. */
async function edit(ctx: Context, product: Product, before: Scrape, text: string): Promise<Scrape> {
  writeFileSync(product.config, text);
  await ctx.until("the edit is taken over", async () => (await product.scrape()).config !== before.config);
  return tickAfter(ctx, product, (await product.scrape()).lastSlot);
}

function untouched(ctx: Context, law: CounterLaw, seen: Scrape, gone: (series: string) => boolean): void {
  const known = law.breaks.length;
  law.see(seen, gone);
  const breaks = law.breaks.slice(known);
  const left = [...seen.counters.keys()].filter(gone);
  ctx.check(
    "  no other series is touched, no counter goes down",
    breaks.length === 0,
    breaks.slice(0, 5).join("\n") || `${seen.counters.size} series`,
  );
  if (left.length > 0) ctx.check("  what was taken out is gone", false, left.slice(0, 5).join("\n"));
}

/** A target's lines in the document. */
function blockOf(text: string, name: string): string {
  const block = new RegExp(`  - name: ${name}\\n(    .*\\n)*`).exec(text)?.[0];
  if (block === undefined) throw new Error(`no target ${name} in:\n${text}`);
  return block;
}

const same = (a: readonly string[], b: readonly string[]): boolean => [...a].sort().join() === [...b].sort().join();
