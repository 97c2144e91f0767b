import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { clearFaults, type FaultParams, type FaultScope, setFault } from "../../zako-control.ts";
import { startChild } from "../child.ts";
import { labelOf, type Scrape } from "../metrics.ts";
import type { Product } from "../product.ts";
import type { Context, Story } from "../story.ts";
import { tickAfter } from "../ticks.ts";

/** Which probe of a target must fail, and for which reason. */
type Reasons = Readonly<Record<string, string>>;

interface Row {
  fault: string;
  params?: FaultParams;
  scope?: FaultScope;
  web: Reasons;
  /** Where Connect's differ. */
  connect?: Reasons;
  /** What the fault before makes fail once more over gRPC-Web, and not when it is asked again. */
  aftermath?: Reasons;
  /** Shows otherwise through the bridge to native gRPC, whose target is left out of the comparison. */
  notOverGrpc?: true;
  /** All but what fails is not asked. */
  blocks?: true;
  /** Works, but is said to be slow or odd. */
  degrades?: string;
}

const transfers = (reason: string): Reasons => ({
  "transport.download": reason,
  "transport.upload": reason,
  "transport.journey": reason,
});
const writes = (reason: string): Reasons => ({ "transport.upload": reason, "transport.journey": reason });

/** Neighbours break different probes, so that each row also shows that the one before is mended. */
const ROWS: readonly Row[] = [
  { fault: "flip-byte", web: transfers("corrupt") },
  { fault: "health-not-serving", web: { health: "not_serving" } },
  {
    fault: "says-missing",
    web: { "cas.negotiate": "missing_but_present", ...writes("missing_but_present") },
    connect: {},
  },
  { fault: "drifting-address", web: { "cas.details": "address_drift" } },
  { fault: "short-download", web: transfers("truncated") },
  {
    fault: "rpc",
    params: { code: "unavailable" },
    scope: { method: "health.Check" },
    web: { health: "rpc_unavailable" },
    // A root that answers unavailable says that the server is not there.
    blocks: true,
  },
  {
    fault: "says-present",
    web: { "cas.negotiate": "present_but_unreadable", "transport.journey": "present_but_unreadable" },
    connect: {},
  },
  { fault: "as-shipped", web: { "transport.negative": "accepted_bad_upload" } },
  { fault: "leaking-gc", web: { "worker.gc": "gc_ineffective" } },
  { fault: "wrong-conversion", web: { "engine.context": "wrong_value" } },
  { fault: "derived-off", web: { "resource.heuristics": "settings_deviate" } },
  { fault: "wrong-module-value", web: { "engine.execute": "wrong_value" } },
  { fault: "latency", params: { ms: 1_500 }, scope: { method: "health.Check" }, web: {}, degrades: "health" },
  { fault: "loses-uploads", web: writes("lost") },
  {
    fault: "empty-token",
    web: { "cas.details": "invalid_answer" },
    // The canary that was lost under the fault before is asked for once more; this tick commits another.
    aftermath: { "cas.negotiate": "lost" },
  },
  {
    fault: "full-disk",
    web: { ...writes("rpc_already_exists"), "transport.negative": "accepted_bad_upload" },
  },
  // A connection that breaks is the bridge's to see on the way to native gRPC: there each call is the edge's failure.
  { fault: "reset", web: { health: "connect" }, blocks: true, notOverGrpc: true },
  {
    fault: "html-error",
    scope: { method: "transport.Download" },
    web: { ...transfers("http_status"), "transport.negative": "http_status" },
  },
  { fault: "hang", web: { health: "timeout" }, blocks: true },
];

/** Somebody breaks Zako in one way after the other and watches the numbers change. */
export const breakAndMend: Story = {
  name: "break-and-mend",
  async run(ctx) {
    const product = await ctx.startProduct();
    const first = await tickAfter(ctx, product, 0);
    await everyProbeEveryTick(product);
    await ctx.until("the edited config", async () => (await product.scrape()).config !== first.config);
    let before = await tickAfter(ctx, product, (await product.scrape()).lastSlot);
    ctx.check(
      "all is well at first",
      complaints(before, before, HEALTHY).length === 0,
      complaints(before, before, HEALTHY),
    );

    for (const row of ROWS) {
      await clearFaults(product.controlUrl);
      await setFault(product.controlUrl, row.fault, row.params, row.scope);
      const printed = product.lines.length;
      const after = await tickAfter(ctx, product, before.lastSlot);
      const wrong = complaints(before, after, row);
      const expected = Object.entries({ ...row.web, ...(row.degrades ? { [row.degrades]: "degraded" } : {}) });
      ctx.check(
        `${row.fault} shows as itself, and nothing else does`,
        wrong.length === 0,
        wrong.join("; ") || Object.fromEntries(expected),
      );
      for (const [probe, reason] of expected) {
        const words = reason === "degraded" ? `degraded zako-web ${probe}: ` : `failed   zako-web ${probe}: `;
        if (!product.lines.slice(printed).some((line) => line.includes(words)))
          ctx.check(`${row.fault} is told in plain words`, false, product.lines.slice(printed).join("\n"));
      }
      const ticks = (after.lastSlot - before.lastSlot) / 10;
      if (ticks !== 1) ctx.check(`${row.fault} shows within one tick`, false, `${ticks} ticks`);
      before = after;
    }
    await clearFaults(product.controlUrl);
    const mended = await tickAfter(ctx, product, before.lastSlot);
    const wrong = complaints(before, mended, HEALTHY);
    ctx.check("all is well one tick after the last fault was cleared", wrong.length === 0, wrong);

    await asPrinted(ctx, product);
    await asInReadme(ctx, product);
  },
};

const HEALTHY: Row = { fault: "none", web: {} };

/** The probes that write or mint run once a minute by default; here each tick shows them all. */
async function everyProbeEveryTick({ config }: Product): Promise<void> {
  const text = readFileSync(config, "utf8");
  const often = text
    .replaceAll("interval: 1m", "interval: 10s")
    .replaceAll("timeout: 5s", "timeout: 4s")
    .replace("defaults:\n", "defaults:\n  write_budget_per_day: 1GiB\n");
  writeFileSync(config, often.replace("token_budget_per_day: 10000", "token_budget_per_day: 100000"));
}

/** What differs between what a fault must do and what the numbers say that it did. */
function complaints(before: Scrape, after: Scrape, row: Row): string[] {
  const found: string[] = [];
  for (const success of after.all("zako_v1_probe_success")) {
    const [target, probe] = [labelOf(success, "target") ?? "", labelOf(success, "probe") ?? ""];
    if (row.notOverGrpc === true && target === "zako-grpc") continue;
    const of = { target, probe };
    const reason = (target === "zako-connect" ? (row.connect ?? row.web) : row.web)[probe];
    // A scrape asks another endpoint than the dependency group does.
    const blocked = row.blocks === true && reason === undefined && probe !== "scrape";
    const grew = (name: string, labels = {}): number =>
      after.sum(name, { ...of, ...labels }) - before.sum(name, { ...of, ...labels });
    const isFailing = success.value === 0;
    if (!blocked && isFailing !== (reason !== undefined))
      found.push(`${target} ${probe} ${isFailing ? "fails" : "succeeds"}`);
    const reasons = after
      .all("zako_v1_probe_failures_by_reason_total", of)
      .map((s) => labelOf(s, "reason") ?? "")
      .filter((r) => grew("zako_v1_probe_failures_by_reason_total", { reason: r }) > 0);
    const once = target !== "zako-connect" ? row.aftermath?.[probe] : undefined;
    const wanted = [reason, once].filter((r) => r !== undefined);
    if (reasons.join() !== wanted.join()) found.push(`${target} ${probe} failed for [${reasons}], not [${wanted}]`);
    const blocks = grew("zako_v1_probe_blocked_total");
    if (blocks > 0 !== blocked) found.push(`${target} ${probe} was blocked ${blocks} times`);
  }
  return found;
}

/** The commands that `npm start` prints do what it says. */
async function asPrinted(ctx: Context, product: Product): Promise<void> {
  for (const [what, state] of [
    ["break it", "On: "],
    ["fix it", "All faults are off."],
  ] as const) {
    const line = product.lines.find((text) => text.includes(`  ${what}`)) ?? "";
    const [command = "", ...args] = line.replace(/^ *(break|fix) it +/, "").split(" ");
    const child = startChild(command, args, product.project);
    const { code } = await child.ended;
    const said = child.lines.join("\n");
    ctx.check(`the printed command to ${what} works`, code === 0 && said.includes(state), said.split("\n").at(-1));
  }
}

/** So do those of the README. */
async function asInReadme(ctx: Context, product: Product): Promise<void> {
  const readme = readFileSync(join(product.project, "README.md"), "utf8");
  const commands = /^## Break it yourself\n.*?^```sh\n(.*?)^```$/ms.exec(readme)?.[1]?.trim().split("\n") ?? [];
  ctx.check("the README says how to break it", commands.length > 0, `${commands.length} commands`);
  for (const line of commands) {
    const command = line.replace("localhost:8787", new URL(product.url).host);
    const env = { ZAKO_CONTROL: product.controlUrl };
    const child = startChild("bash", ["-o", "pipefail", "-c", command], product.project, env);
    const { code } = await child.ended;
    ctx.check(`README: ${command}`, code === 0, child.lines.at(-1));
  }
}
