import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFault } from "../../zako-control.ts";
import { startAlertmanager } from "../alertmanager-server.ts";
import { firingAlertsOf } from "../local-incidents.ts";
import type { Product } from "../product.ts";
import { type Prometheus, startPrometheusWith } from "../prometheus-server.ts";
import type { Context, Story } from "../story.ts";
import { tickAfter } from "../ticks.ts";

type Labels = Readonly<Record<string, string>>;

/** Who says that alerts fire: the Alerter, Prometheus, and the Alertmanager that both push to. */
const SIDES = ["edge", "prometheus", "alertmanager"] as const;
type Firing = Readonly<Record<(typeof SIDES)[number], readonly Labels[]>>;

const REMOVED = "zako-connect";
const KEPT = "zako-web";
const DOWN = "ZakoTargetDown";
const APART_MS = 300_000;

/** One Alertmanager is fed by zako-watch and by a Prometheus with the printed rules, and sees every alert once. */
export const bothSides: Story = {
  name: "both-sides",
  needs: [
    { command: "prometheus", debianPackage: "prometheus" },
    { command: "prometheus-alertmanager", debianPackage: "prometheus-alertmanager" },
  ],
  async run(ctx) {
    const base = await startAlertmanager(ctx, "route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n");
    const product = await ctx.startProduct();
    const first = await tickAfter(ctx, product, 0);
    const text = readFileSync(product.config, "utf8").replace(/^notify:[\s\S]*/m, notifyThrough(base));
    writeFileSync(product.config, text);
    await ctx.until("the edit is in force", async () => (await product.scrape()).config !== first.config, 60_000);
    await tickAfter(ctx, product, (await product.scrape()).lastSlot);
    const prometheus = await startRules(ctx, product, base);
    const firing = (): Promise<Firing> => firingOn(product, prometheus, base);
    const is = (name: string, target?: string) => (labels: Labels) =>
      labels["alertname"] === name && labels["target"] === target;

    await ctx.until(
      "both sides raise the Watchdog",
      async () => {
        const { edge, prometheus } = await firing();
        return edge.some(is("Watchdog")) && prometheus.some(is("Watchdog"));
      },
      120_000,
    );
    const sent = await sentByBoth(ctx, product, prometheus);
    const watchdogs = (await firing()).alertmanager.filter(is("Watchdog"));
    ctx.check("Alertmanager, which both feed, sees one Watchdog", watchdogs.length === 1, { sent, watchdogs });

    await setFault(product.controlUrl, "rpc", { code: "unavailable" }, { method: "health.Check" });
    await ctx.until(
      "both sides say that the targets are down",
      async () => {
        const all = await firing();
        return SIDES.every((side) => [REMOVED, KEPT].every((name) => all[side].some(is(DOWN, name))));
      },
      150_000,
    );
    const down = await firing();
    const repeated = repeats(down.alertmanager);
    ctx.check("no alert is there twice", repeated.length === 0, repeated);

    writeFileSync(product.config, text.replace(new RegExp(`  - name: ${REMOVED}\\n(    .*\\n)*`), ""));
    const removedAt = Date.now();
    const last: Record<string, number> = {};
    const isGone = async (): Promise<boolean> => {
      const all = await firing();
      const still = SIDES.filter((side) => all[side].some(({ target }) => target === REMOVED));
      for (const side of still) last[side] = Date.now();
      return still.length === 0;
    };
    const gone = await ctx.until("the removed target's alerts end", isGone, 2 * APART_MS).catch(String);
    const after = Object.fromEntries(SIDES.map((side) => [side, ((last[side] ?? removedAt) - removedAt) / 1_000]));
    const times = Object.values(after);
    ctx.check(
      "its alerts end on both sides, and in Alertmanager, within five minutes of each other",
      gone === true && Math.max(...times) - Math.min(...times) < APART_MS / 1_000,
      `seconds after the edit: ${JSON.stringify(after)}${gone === true ? "" : `; ${gone}`}`,
    );
    const left = await firing();
    ctx.check(
      "the other target's fire on, each once, and there is still one Watchdog",
      SIDES.every((side) => left[side].filter(is(DOWN, KEPT)).length === 1) &&
        left.alertmanager.filter(is("Watchdog")).length === 1,
      left.alertmanager.map(({ alertname, target = "" }) => `${alertname} ${target}`).join(", "),
    );
  },
};

const notifyThrough = (base: string): string => `notify:
  receivers: { alertmanager: [{ alertmanager: { url: ${base} } }] }
  route:
    receiver: alertmanager
    group_wait: 1s
    routes: [{ match: alertname="Watchdog" }]
`;

/** A Prometheus that scrapes the product and evaluates the rules that it prints, as printed. */
async function startRules(ctx: Context, product: Product, base: string): Promise<Prometheus> {
  const rules = join(ctx.scratch, "rules.yml");
  writeFileSync(rules, await (await fetch(new URL("/prometheus/rules.yml", product.url))).text());
  const to = (url: string): string => `static_configs: [{ targets: ["${new URL(url).host}"] }]`;
  return startPrometheusWith(
    ctx,
    `global: { scrape_interval: 5s, scrape_timeout: 5s }
rule_files: ["${rules}"]
alerting: { alertmanagers: [{ ${to(base)} }] }
scrape_configs: [{ job_name: zako-watch, ${to(product.url)} }]
`,
  );
}

async function firingOn(product: Product, prometheus: Prometheus, base: string): Promise<Firing> {
  const { alerts } = await prometheus.api<{ alerts: { labels: Labels; state: string }[] }>("alerts");
  const active = (await (await fetch(`${base}/api/v2/alerts?active=true`)).json()) as { labels: Labels }[];
  return {
    edge: (await firingAlertsOf(product)).map(({ labels }) => labels),
    prometheus: alerts.filter(({ state }) => state === "firing").map(({ labels }) => labels),
    alertmanager: active.map(({ labels }) => labels),
  };
}

/** Waits until each side has pushed to the Alertmanager; answers how often. */
function sentByBoth(ctx: Context, product: Product, { url }: Prometheus): Promise<Record<string, number>> {
  return ctx.until(
    "both sides push to Alertmanager",
    async () => {
      const own = (await product.scrape()).sum("zako_watch_notifications_total", { receiver: "alertmanager" });
      const text = await (await fetch(`${url}/metrics`)).text();
      const theirs = Number(/^prometheus_notifications_sent_total\{[^}]*\} (\S+)$/m.exec(text)?.[1] ?? 0);
      return own > 0 && theirs > 0 && { edge: own, prometheus: theirs };
    },
    120_000,
  );
}

/** Label sets that differ at most in who pages. */
function repeats(all: readonly Labels[]): string[] {
  const keys = all.map(({ pager: _, ...labels }) => JSON.stringify(Object.entries(labels).sort()));
  return keys.filter((key, i) => keys.indexOf(key) !== i);
}
