import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Dashboard, Panel } from "../../../functions/expose/grafana/dashboard-file.ts";
import { DASHBOARD_NAMES } from "../../../functions/expose/grafana/dashboards.ts";
import { withVariables } from "../../promql.ts";
import { setFault } from "../../zako-control.ts";
import { startChild } from "../child.ts";
import { freePort, type Product } from "../product.ts";
import { type Prometheus, startPrometheusIn } from "../prometheus-server.ts";
import { senderOf } from "../sender.ts";
import type { Context, Story } from "../story.ts";
import { tickAfter } from "../ticks.ts";
import { aBuild } from "./guide.ts";

/** Targets of `npm start`. */
const TARGETS = 3;

/** Panels that show the faults of the story, and are empty before. */
const FAULT_PANELS: readonly (readonly [dashboard: string, title: string])[] = [
  ["fleet", "Firing alerts"],
  ["fleet", "Reasons of failures"],
  ["target", "Reasons of failures in the range"],
  ["target", "Failed steps"],
  ["transport", "Chunk errors by reason"],
  ["engine", "Exceptions by kind"],
];

/**
 * Prometheus and Alertmanager run with the files that `prometheus config` prints, and every expression of every dashboard is
 * asked of that Prometheus.
 */
export const dashboards: Story = {
  name: "dashboards",
  needs: [
    { command: "prometheus", debianPackage: "prometheus" },
    { command: "prometheus-alertmanager", debianPackage: "prometheus-alertmanager" },
    { command: "amtool", debianPackage: "prometheus-alertmanager" },
  ],
  async run(ctx) {
    const product = await ctx.startProduct();
    const config = readFileSync(product.config, "utf8");
    writeFileSync(
      product.config,
      config.replace("metrics: { public: true }", "metrics: { public: true, detail: full }"),
    );
    await ctx.until("all detail", async () => {
      const { samples } = await product.scrape();
      return samples.some(({ name }) => name === "zako_v1_probe_step_duration_seconds_bucket");
    });
    await tickAfter(ctx, product, (await product.scrape()).lastSlot);
    await pushBuild(ctx, product);

    const alertmanagerUrl = `http://127.0.0.1:${await freePort()}`;
    const folder = printFiles(ctx, product, alertmanagerUrl);
    await startAlertmanager(ctx, join(folder, "alertmanager"), alertmanagerUrl);
    const prometheus = await startPrometheusIn(ctx, join(folder, "prometheus"));
    const up = await ctx
      .until("scrapes", async () => (await prometheus.query('up{job="zako-watch-local"} == 1')).length === 1)
      .catch(String);
    ctx.check("http_sd names the shard, and it is up", up === true, up);
    // An increase needs two scrapes with a tick between them, and pushes need to come again.
    await tickAfter(ctx, product, (await product.scrape()).lastSlot);
    await pushBuild(ctx, product);
    await ctx.until(
      "increases",
      async () => (await prometheus.query("increase(zako_watch_ticks_total[1m]) > 0")).length > 0,
      60_000,
    );
    await askAll(ctx, product, prometheus);

    for (const fault of ["short-download", "exception-storm"]) await setFault(product.controlUrl, fault);
    for (const [name, title] of FAULT_PANELS) {
      const panel = (await panelsOf(product, name)).find((one) => one.title === title);
      const expr = panel?.targets?.[0]?.expr ?? "";
      // Prometheus evaluates the rules once a minute.
      const rows = await ctx.until(title, () => rowsOf(prometheus, expr), 180_000).catch(() => 0);
      ctx.check(`after a fault: ${name}: ${title}`, rows > 0, `${rows} rows of ${expr}`);
    }
    await seenByAlertmanager(ctx, alertmanagerUrl);
    const { activeTargets } = await prometheus.api<{ activeTargets: { lastError: string }[] }>("targets");
    const errors = activeTargets.map(({ lastError }) => lastError).filter((error) => error !== "");
    const warnings = prometheus.lines.filter((line) => /level=(warn|error)/.test(line));
    ctx.check(
      "Prometheus has nothing to complain about",
      errors.length + warnings.length === 0,
      [...errors, ...warnings].join("\n"),
    );
  },
};

async function pushBuild(ctx: Context, product: Product): Promise<void> {
  const headers = { ...senderOf(product), "content-type": "application/json" };
  const body = JSON.stringify(aBuild(Date.now()));
  const pushed = await fetch(`${product.url}/v1/metrics`, { method: "POST", headers, body });
  ctx.check("a build is pushed", pushed.status === 200, pushed.status);
}

/** Writes all files as a user does, and has the tools check them. Answers with their folder. */
function printFiles(ctx: Context, product: Product, alertmanagerUrl: string): string {
  const folder = join(ctx.scratch, "printed");
  const token = join(ctx.scratch, "metrics.token");
  writeFileSync(token, "any, since a local run asks for none");
  const args = ["functions/cli/main.ts", "prometheus", "config", product.config, "--local", "--into", folder];
  args.push("--token-file", token, "--alertmanager", alertmanagerUrl, "--scrape-interval", "2s");
  const printed = spawnSync(process.execPath, args, { cwd: product.project, encoding: "utf8" });
  ctx.check(
    "prometheus config writes its files",
    printed.status === 0,
    printed.stderr || printed.stdout.split("\n").length,
  );
  const checks: [string, string[]][] = [
    ["promtool", ["check", "config", join(folder, "prometheus/prometheus.yml")]],
    ["amtool", ["check-config", join(folder, "alertmanager/alertmanager.yml")]],
  ];
  for (const [tool, given] of checks) {
    const { status, stdout, stderr } = spawnSync(tool, given, { encoding: "utf8" });
    ctx.check(`${tool} accepts them`, status === 0, stderr || stdout.trim());
  }
  return folder;
}

async function startAlertmanager(ctx: Context, folder: string, url: string): Promise<void> {
  const data = join(ctx.scratch, "alertmanager-data");
  mkdirSync(data);
  const args = [`--config.file=${join(folder, "alertmanager.yml")}`, `--storage.path=${data}`];
  args.push(`--web.listen-address=${new URL(url).host}`, "--cluster.listen-address=");
  const child = startChild("prometheus-alertmanager", args, folder);
  ctx.defer(() => {
    child.signalGroup("SIGTERM");
    return child.ended;
  });
  await ctx.until("Alertmanager is ready", async () => (await fetch(`${url}/-/ready`)).ok);
}

async function panelsOf(product: Product, name: string): Promise<Panel[]> {
  const answer = await fetch(`${product.url}/grafana/${name}.json`);
  const { panels = [] } = (await answer.json()) as Dashboard;
  return panels.filter(({ type }) => type !== "row");
}

const rowsOf = async (prometheus: Prometheus, expr: string): Promise<number> =>
  (await prometheus.query(withVariables(expr, "5m", "1m"))).length;

/** Asks every expression; one that returns nothing is right only where its panel says so. */
async function askAll(ctx: Context, product: Product, prometheus: Prometheus): Promise<void> {
  for (const name of DASHBOARD_NAMES) {
    for (const { title, description = "", targets = [] } of await panelsOf(product, name))
      for (const { expr = "" } of targets) {
        const rows = await rowsOf(prometheus, expr).catch(String);
        const ok = typeof rows === "number" && (rows > 0 || /^Empty/m.test(description));
        ctx.check(`${name}: ${title}`, ok, `${rows} rows of ${expr}`);
      }
  }
}

/** What Prometheus fires arrives once, at the receiver that is meant for it. */
async function seenByAlertmanager(ctx: Context, url: string): Promise<void> {
  const filter = new URLSearchParams({ filter: 'alertname="ZakoTargetDown"' });
  interface Seen {
    labels: { target: string; pager: string };
    receivers: { name: string }[];
  }
  const seen = await ctx.until(
    "alerts at the Alertmanager",
    async () => {
      const found = (await (await fetch(`${url}/api/v2/alerts?${filter}`)).json()) as Seen[];
      return found.length >= TARGETS && found;
    },
    120_000,
  );
  ctx.check(
    "each target is down once",
    seen.length === TARGETS,
    seen.map(({ labels }) => labels.target),
  );
  // The local run notifies people itself.
  const receivers = new Set(seen.flatMap((one) => one.receivers.map(({ name }) => name)));
  ctx.check("and its alert pages nobody a second time", [...receivers].join() === "nobody", [...receivers]);
}
