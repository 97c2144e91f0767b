import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { OtelSource, WORKED, work } from "../../otel/otel-source.ts";
import type { Scrape } from "../metrics.ts";
import { freePort, type Product } from "../product.ts";
import { type Prometheus, startPrometheus } from "../prometheus-server.ts";
import { senderOf } from "../sender.ts";
import type { Context, Story } from "../story.ts";
import { tickAfter } from "../ticks.ts";

const TARGET = "zako-grpc";
const PUSHED = { target: TARGET, source: "push" };
/**
 * How long a sender works before it pushes, ms. The SDK's clock has milliseconds, and a total that is measured in the one in
 * which it began has an unknown start.
 */
const WORKS_MS = 20;

/** Labels of ours, of Prometheus, and of the SDK's exporter, which the other side does not have. */
const ONE_SIDED = /^(job|instance|target|source|otel_.*)$/;

/** Processes with OpenTelemetry's own SDK push, and what is shown is what Prometheus scrapes from them. */
export const push: Story = {
  name: "push",
  needs: [{ command: "prometheus", debianPackage: "prometheus" }],
  async run(ctx) {
    const product = await ctx.startProduct();
    const { config } = await product.scrape();
    // The SDK shows every bucket; so do we here.
    const text = readFileSync(product.config, "utf8");
    writeFileSync(product.config, text.replace("metrics: { public: true }", "metrics: { public: true, detail: full }"));
    await ctx.until("the edited config", async () => (await product.scrape()).config !== config);
    const headers = senderOf(product);
    ctx.check("npm start says how to push", headers["authorization"] !== undefined, Object.keys(headers));
    await tickAfter(ctx, product, 0);

    const prometheusPort = await freePort();
    const sender = new OtelSource({ url: product.url, headers, gzip: true, prometheusPort });
    ctx.defer(() => sender.end());
    const turn = work(sender);
    for (let i = 1; i <= 4; i++) {
      turn(i);
      await setTimeout(WORKS_MS);
      await sender.flush();
    }
    const jobs = { watch: new URL(product.url).host, sdk: `127.0.0.1:${prometheusPort}` };
    await compare(ctx, await startPrometheus(ctx, jobs));
    await pushOnce(ctx, product, headers);
    await pushSpans(ctx, product, headers);

    const url = `${product.url}/v1/metrics`;
    const refused = await fetch(url, { method: "POST", headers: { authorization: "Bearer nope" } });
    ctx.check("whoever has no token is refused", refused.status === 401, refused.status);
    const fresh = async (): Promise<boolean> =>
      (await product.scrape()).sum("zako_v1_probe_success", { target: TARGET, probe: "push" }) === 1;
    const seen = await ctx.until("push succeeds", fresh).catch(String);
    ctx.check("the probe sees that pushes come", seen === true, seen);
  },
};

/** Values by name and the labels that both sides have. */
async function linesOf({ query }: Prometheus, job: string): Promise<Map<string, string>> {
  const names = WORKED.map(({ name }) => `${name}(_bucket|_sum|_count)?`).join("|");
  const source = job === "watch" ? `,target="${TARGET}",source="push"` : "";
  const found = await query(`{job="${job}",__name__=~"${names}"${source}}`);
  return new Map(
    found.flatMap(({ metric, value }) => {
      const labels = Object.entries(metric).filter(([name]) => !ONE_SIDED.test(name));
      // Series that only ours has, for pools that spans tell of, are at 0 from the first scrape on.
      if (job === "watch" && value[1] === "0" && metric["pool"] === "oxc" && metric["le"] !== undefined) return [];
      // Ours has bounds such as 1.0 where the SDK prints 1.
      const named = labels.map(([name, text]) => (name === "le" ? [name, String(Number(text))] : [name, text]));
      return [[JSON.stringify(named.sort()), value[1]] as const];
    }),
  );
}

/** Sums of fractions that were added in another order differ in their last digits. */
const equal = (ours: string | undefined, theirs: string): boolean =>
  ours !== undefined && Math.abs(Number(ours) - Number(theirs)) <= 1e-9 * Math.abs(Number(theirs));

async function compare(ctx: Context, prometheus: Prometheus): Promise<void> {
  let apart = ["nothing was scraped"];
  const same = async (): Promise<boolean> => {
    const [ours, theirs] = await Promise.all([linesOf(prometheus, "watch"), linesOf(prometheus, "sdk")]);
    if (ours.size === 0 || theirs.size === 0) return false;
    apart = [...theirs].filter(([name, value]) => !equal(ours.get(name), value)).map((line) => `${line}`);
    return apart.length === 0;
  };
  const reached = await ctx.until("both are the same", same, 20_000).catch(() => false);
  const size = (await linesOf(prometheus, "sdk")).size;
  ctx.check(
    "Prometheus gets from us what it scrapes from the SDK",
    reached === true,
    reached ? size : apart.join("\n"),
  );
}

const runs = (seen: Scrape): number => seen.sum("zako_v1_worker_gc_runs_total", { ...PUSHED, pool: "once" });

/** Processes that push once and end: each is counted whole. */
async function pushOnce(ctx: Context, product: Product, headers: Record<string, string>): Promise<void> {
  const once = async (instance: string, format: "json" | "protobuf"): Promise<void> => {
    const sender = new OtelSource({ url: product.url, headers, instance, format });
    sender.meter.createCounter("zako.v1.worker.gc_runs").add(5, { pool: "once" });
    await setTimeout(WORKS_MS);
    await sender.end();
  };
  await Promise.all([once("cli-1", "json"), once("cli-2", "protobuf")]);
  await once("cli-1", "json");
  const seen = runs(await product.scrape());
  ctx.check("two at once that push once, and one that comes again, are counted whole", seen === 15, seen);
}

async function pushSpans(ctx: Context, product: Product, headers: Record<string, string>): Promise<void> {
  const sender = new OtelSource({ url: product.url, headers, format: "json", instance: "spans" });
  const span = sender.tracer.startSpan("oxc transpile", { startTime: Date.now() - 20 });
  span.recordException(new TypeError("nothing of this is shown"));
  span.end();
  await sender.end();
  const seen = await product.scrape();
  const count = seen.sum("zako_v1_worker_task_duration_seconds_count", { ...PUSHED, pool: "oxc" });
  const thrown = seen.sum("zako_v1_engine_exceptions_total", { ...PUSHED, kind: "TypeError" });
  ctx.check("a span is measured and its exception counted", count === 1 && thrown === 1, { count, thrown });
}
