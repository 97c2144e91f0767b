import { GUIDE } from "../../check/guide.ts";
import { setFault } from "../../zako-control.ts";
import { senderOf } from "../sender.ts";
import type { Story } from "../story.ts";
import { tickAfter } from "../ticks.ts";

const NANOS = 1_000_000;

/** Every line of the monitoring guide is answered by a metric, a probe and a rule that are there. */
export const guide: Story = {
  name: "guide",
  async run(ctx) {
    const product = await ctx.startProduct();
    await tickAfter(ctx, product, 0);
    const pushed = await fetch(`${product.url}/v1/metrics`, {
      method: "POST",
      headers: { ...senderOf(product), "content-type": "application/json" },
      body: JSON.stringify(aBuild(Date.now())),
    });
    ctx.check("a build is pushed", pushed.status === 200, await pushed.text());
    // Kinds of errors have a series from their first error on.
    for (const fault of ["short-download", "exception-storm"]) await setFault(product.controlUrl, fault);
    const seen = await tickAfter(ctx, product, (await product.scrape()).lastSlot);
    const rules = await (await fetch(`${product.url}/prometheus/rules.yml`)).text();
    const shown = new Set(seen.samples.map(({ name }) => name.replace(/_(bucket|sum|count)$/, "")));
    const probes = new Set(
      seen
        .all("zako_v1_probe_success")
        .flatMap(({ labels }) => labels.flatMap(([name, value]) => (name === "probe" ? [value] : []))),
    );
    for (const system of new Set(GUIDE.map((line) => line.system))) {
      const lines = GUIDE.filter((line) => line.system === system);
      const wrong = lines.flatMap(({ line, metrics, probes: asked, rules: names }) => [
        ...[metrics, asked, names].flatMap((all) => (all.length === 0 ? [`${line}: nothing`] : [])),
        ...metrics.filter((name) => !shown.has(name)).map((name) => `${line}: no series ${name}`),
        ...asked.filter((name) => !probes.has(name)).map((name) => `${line}: no probe ${name}`),
        ...names.filter((name) => !rules.includes(`alert: ${name}\n`)).map((name) => `${line}: no active rule ${name}`),
      ]);
      ctx.check(`${system}: ${lines.length} lines are answered`, wrong.length === 0, wrong.join("\n"));
    }
  },
};

/** What a command line says at the end of a build, in OTLP's JSON. */
export function aBuild(now: number): object {
  const times = { startTimeUnixNano: String((now - 60_000) * NANOS), timeUnixNano: String(now * NANOS) };
  const bounds = [1, 10, 60];
  const histogram = { ...times, count: "1", sum: 42, explicitBounds: bounds, bucketCounts: ["0", "0", "1", "0"] };
  const metrics = [
    { name: "zako.v1.build.duration", unit: "s", histogram: { aggregationTemporality: 1, dataPoints: [histogram] } },
    { name: "zako.v1.cache.hit", unit: "1", gauge: { dataPoints: [{ ...times, asDouble: 0.8 }] } },
  ];
  return { resourceMetrics: [{ resource: { attributes: [] }, scopeMetrics: [{ metrics }] }] };
}
