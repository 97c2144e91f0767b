import { createServer } from "node:http";
import { freePort } from "../product.ts";
import { startPrometheus } from "../prometheus-server.ts";
import type { Context, Story } from "../story.ts";
import { tickAfter } from "../ticks.ts";

/** A real Prometheus scrapes the product for a while, once per format. */
export const prometheus: Story = {
  name: "prometheus",
  needs: [{ command: "prometheus", debianPackage: "prometheus" }],
  async run(ctx) {
    const product = await ctx.startProduct();
    await tickAfter(ctx, product, 0);
    const jobs = { openmetrics: new URL(product.url).host, text: await textOnly(ctx, product.url) };
    const { lines, api, query } = await startPrometheus(ctx, jobs);

    for (const job of ["openmetrics", "text"]) {
      const up = await ctx.until(`${job} is up`, async () => (await query(`up{job="${job}"} == 1`))[0]).catch(String);
      ctx.check(`${job}: the target is up`, typeof up !== "string", up);
      const success = await query(`zako_v1_probe_success{job="${job}"}`);
      const good = success.filter(({ value }) => value[1] === "1").length;
      ctx.check(
        `${job}: every probe's success is there`,
        good >= 20 && good === success.length,
        `${good} of ${success.length} are 1`,
      );
    }
    // A rate needs two scrapes that a tick lies between.
    const quantile = `histogram_quantile(0.95, sum by (le, job) (rate(zako_v1_transport_download_duration_seconds_bucket{source="probe"}[1m]))) > 0`;
    const both = await ctx
      .until(
        "quantiles",
        async () => {
          const found = await query(quantile);
          return found.length === 2 && found;
        },
        45_000,
      )
      .catch(() => query(quantile));
    ctx.check(
      "a quantile of download durations comes out",
      both.length === 2,
      both.map(({ metric, value }) => `${metric["job"]} ${value[1]} s`),
    );
    const missed = await query("sum by (job) (zako_watch_missed_slots_total)");
    ctx.check(
      "the prober's own series are there",
      missed.length === 2,
      missed.map(({ value }) => value[1]),
    );

    const now = Date.now() / 1000;
    const kept = await api<{ exemplars: { labels: Record<string, string> }[] }[]>("query_exemplars", {
      query: "zako_v1_probe_duration_seconds_bucket",
      start: String(now - 600),
      end: String(now),
    });
    const trace = kept[0]?.exemplars[0]?.labels["trace_id"] ?? "";
    ctx.check("exemplars carry trace ids", /^[0-9a-f]{32}$/.test(trace), `${kept.length} series, such as ${trace}`);

    const targets = (await api<{ activeTargets: { lastError: string }[] }>("targets")).activeTargets;
    const errors = targets.map(({ lastError }) => lastError).filter((error) => error !== "");
    const warnings = lines.filter((line) => /level=(warn|error)/.test(line));
    ctx.check(
      "it has nothing to complain about",
      errors.length === 0 && warnings.length === 0,
      [...errors, ...warnings].join("\n"),
    );
  },
};

/** Prometheus asks for OpenMetrics wherever it is to be had; through this it gets the text format. Answers `host:port`. */
async function textOnly(ctx: Context, url: string): Promise<string> {
  const server = createServer((_request, response) => {
    const headers = { accept: "text/plain; version=0.0.4" };
    fetch(new URL("/metrics", url), { headers })
      .then(async (answer) => {
        const type = answer.headers.get("content-type") ?? "";
        response.writeHead(answer.status, { "content-type": type }).end(await answer.text());
      })
      .catch(() => response.writeHead(502).end());
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  ctx.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  return `127.0.0.1:${port}`;
}
