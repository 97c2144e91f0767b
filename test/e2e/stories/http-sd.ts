import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../../functions/model/config.ts";
import { parseExposition, seriesKey } from "../../expose/metrics/parse.ts";
import { startChild } from "../child.ts";
import { checkExposition } from "../exposition.ts";
import { freePort } from "../product.ts";
import { startPrometheusWith } from "../prometheus-server.ts";
import type { Context, Story } from "../story.ts";
import { startZakoProcess } from "../zako-process.ts";

const TARGETS = 1_000;
const SHARDS = 9;
const TOKEN = "metrics-of-a-fleet";
const PROBES = ["health", "cas.details", "cas.negotiate", "transport.download", "transport.upload"];
const BEARER = { authorization: `Bearer ${TOKEN}` };

/** A fleet in nine shards is scraped by a real Prometheus that finds the shards by itself, with a token. */
export const httpSd: Story = {
  name: "http-sd",
  needs: [{ command: "prometheus", debianPackage: "prometheus" }],
  async run(ctx) {
    const url = await startFleet(ctx);
    for (const path of ["/sd/prometheus", "/metrics?shard=0"]) {
      const { status } = await fetch(`${url}${path}`);
      ctx.check(`${path} asks for the token`, status === 401, status);
    }
    const whole = await fetch(`${url}/metrics`, { headers: BEARER });
    const words = await whole.text();
    ctx.check(
      "the whole fleet in one answer is refused, with the way out",
      whole.status === 413 && words.includes("/sd/prometheus") && words.includes(`shard=${SHARDS - 1}`),
      `${whole.status} ${words.slice(0, 200)}`,
    );
    await seriesOfShards(ctx, url);
    for (const { name, ok, detail } of await checkExposition(url, TOKEN, "?shard=4")) ctx.check(name, ok, detail);
    await scrapedBy(ctx, url);
  },
};

/** Each series must be in exactly one answer. */
async function seriesOfShards(ctx: Context, url: string): Promise<void> {
  const seen = new Map<string, number>();
  const sizes: number[] = [];
  for (let shard = 0; shard < SHARDS; shard++) {
    const text = await (await fetch(`${url}/metrics?shard=${shard}`, { headers: BEARER })).text();
    sizes.push(text.length);
    for (const { samples } of parseExposition(text, "text"))
      for (const { name, labels } of samples) {
        const key = seriesKey(name, labels);
        seen.set(key, (seen.get(key) ?? 0) + 1);
      }
  }
  const twice = [...seen].filter(([, count]) => count > 1).map(([key]) => key);
  ctx.check(`${seen.size} series in ${SHARDS} answers, none of them twice`, twice.length === 0, twice.slice(0, 5));
  const most = Math.max(...sizes);
  ctx.check("the answers are of about the same size", most < 1.5 * Math.min(...sizes), sizes.join(", "));
}

async function scrapedBy(ctx: Context, url: string): Promise<void> {
  // Without `type`, Prometheus 2.42 sends the bare token to http_sd.
  const authorization = `authorization: { type: Bearer, credentials: "${TOKEN}" }`;
  const { query, api, lines } = await startPrometheusWith(
    ctx,
    `global: { scrape_interval: 15s, scrape_timeout: 15s }
scrape_configs:
  - job_name: zako-watch
    http_sd_configs:
      - url: ${url}/sd/prometheus
        ${authorization}
    ${authorization}
`,
  );
  const one = async (expression: string): Promise<number> => Number((await query(expression))[0]?.value[1] ?? 0);
  const up = await ctx
    .until("all shards are up", async () => (await one('count(up{job="zako-watch"} == 1)')) === SHARDS, 90_000)
    .catch(String);
  const all = await query("up");
  const instances = all.map(({ metric }) => metric["instance"]);
  ctx.check(
    `up is 1 for all ${SHARDS} shards, each with an instance of its own`,
    up === true && all.length === SHARDS && new Set(instances).size === SHARDS,
    instances.join(", "),
  );
  const counts = {
    "targets with a verdict": [await one("count(zako_v1_target_incident_open)"), TARGETS],
    "targets whose health is known": [await one('count(zako_v1_probe_success{probe="health"} == 1)'), TARGETS],
    "shards with a last tick": [await one("count(zako_watch_last_tick_timestamp_seconds)"), SHARDS],
    "Alerters with an outbox": [await one("count(zako_watch_outbox_backlog)"), 1],
  };
  for (const [what, [found, wanted]] of Object.entries(counts)) ctx.check(`${wanted} ${what}`, found === wanted, found);
  const named = `label_replace({__name__=~"zako_.+"}, "n", "$1", "__name__", "(.+)")`;
  const series = await one(`count(${named})`);
  // In one query: a scrape may end between two.
  const repeated = await query(`count(${named}) - count(group without (instance) (${named}))`);
  ctx.check(
    "no series is there twice but for its instance",
    series > TARGETS && repeated[0]?.value[1] === "0",
    `${series} series, ${repeated[0]?.value[1]} of them again`,
  );
  const { activeTargets } = await api<{ activeTargets: { lastError: string }[] }>("targets");
  const errors = [
    ...activeTargets.map(({ lastError }) => lastError),
    ...lines.filter((l) => /level=(warn|error)/.test(l)),
  ];
  ctx.check("it has nothing to complain about", errors.join("") === "", errors.filter((e) => e !== "").join("\n"));
}

/** The Worker with a configuration that is not local, so that its metrics need a token. Answers with its URL after the first tick. */
async function startFleet(ctx: Context): Promise<string> {
  const zako = await startZakoProcess(ctx, { without: [] });
  const project = ctx.project();
  const [compiled, discarded] = [join(ctx.scratch, "compiled.json"), join(ctx.scratch, "discarded.json")];
  compileFleet(project, zako.url, compiled);
  const secrets = join(ctx.scratch, "secrets.env");
  writeFileSync(secrets, `METRICS_TOKEN=${TOKEN}\n`);
  const tsconfig = join(ctx.scratch, "tsconfig.json");
  const paths = { "#compiled-config": [compiled] };
  writeFileSync(tsconfig, JSON.stringify({ extends: join(project, "tsconfig.json"), compilerOptions: { paths } }));
  const port = await freePort();
  const args = ["node_modules/wrangler/bin/wrangler.js", "dev", "--local", "--ip", "127.0.0.1", "--port", `${port}`];
  args.push("--inspector-port", "0", "--show-interactive-dev-session=false", "--env-file", secrets);
  args.push("--persist-to", join(ctx.scratch, "state"), "--tsconfig", tsconfig);
  const child = startChild(process.execPath, args, project, {
    WATCH_COMPILED: discarded,
    WRANGLER_SEND_METRICS: "false",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    NO_COLOR: "1",
  });
  ctx.defer(() => {
    child.signalGroup("SIGTERM");
    return child.ended;
  });
  await child.line(/Ready on http/, 120_000);
  const url = `http://127.0.0.1:${port}`;
  const tick = await fetch(`${url}/cdn-cgi/local/scheduled?cron=*+*+*+*+*&time=${Date.now()}`);
  ctx.check("the first tick runs", tick.ok, tick.status);
  return url;
}

/** Compiles the fleet as for a local run, which may have targets on loopback, and makes it a deployed one. */
function compileFleet(project: string, zakoUrl: string, compiled: string): void {
  // In one process on one thread, ticks of the whole fleet and scrapes take turns: only the root is asked every minute.
  const probes = PROBES.map((probe) => `${probe}: ${probe === "health" ? "true" : "{ interval: 10m }"}`);
  const others = ["transport.journey", "worker.submit", "worker.gc", "engine.execute", "engine.context"];
  others.push("resource.heuristics");
  const targets = Array.from({ length: TARGETS }, (_, i) => `  - { name: "target-${i}", cas: "${zakoUrl}" }`);
  const file = join(project, "watch.yaml");
  writeFileSync(
    file,
    `shards: ${SHARDS}
defaults:
  recheck: 1m
  probes: { ${[...probes, ...others.map((probe) => `${probe}: false`)].join(", ")} }
targets:
${targets.join("\n")}
`,
  );
  mkdirSync(join(project, ".wrangler"), { recursive: true });
  const done = spawnSync(process.execPath, ["functions/cli/compile.ts", "--local"], {
    cwd: project,
    encoding: "utf8",
    env: { ...process.env, WATCH_COMPILED: compiled, WATCH_CONFIG: file },
  });
  if (done.status !== 0) throw new Error(done.stderr);
  const config = JSON.parse(readFileSync(compiled, "utf8")) as Config;
  const deployed = { ...config, local: false, metrics: { ...config.metrics, public: false } };
  writeFileSync(compiled, JSON.stringify(deployed));
  // What the build makes of the file is thrown away; it only must not stop it.
  writeFileSync(file, 'targets: [{ name: "none", cas: "https://cas.example.com" }]\n');
}
