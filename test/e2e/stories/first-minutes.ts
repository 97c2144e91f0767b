import { request } from "node:http";
import { gunzipSync } from "node:zlib";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { startChild } from "../child.ts";
import { checkExposition } from "../exposition.ts";
import { labelOf, type Scrape } from "../metrics.ts";
import { freePort } from "../product.ts";
import type { Context, Story } from "../story.ts";

/** How soon after it is ready all must be seen to work. */
const SOON_MS = 15_000;

/** Off by default, and on in the local run's configuration. */
const ON_LOCALLY = ["transport.negative", "scrape"];
const KINDS = PROBE_KINDS.filter(({ kind, defaults }) => defaults.enabled || ON_LOCALLY.includes(kind)).map(
  ({ kind }) => kind,
);

/** Somebody starts the product for the first time and looks around. */
export const firstMinutes: Story = {
  name: "first-minutes",
  needs: [{ command: "promtool", debianPackage: "prometheus" }],
  async run(ctx) {
    const product = await ctx.startProduct();
    const { url, readyAt } = product;

    const works = (s: Scrape): boolean => successes(s).length === expected().length;
    await ctx.until("every probe succeeds", async () => works(await product.scrape()), SOON_MS).catch(() => {});
    const seen = await product.scrape();
    const tookMs = Date.now() - readyAt;
    const missing = expected().filter((probe) => !successes(seen).includes(probe));
    ctx.check("every probe kind succeeds over gRPC-Web, Connect and native gRPC", missing.length === 0, missing);
    ctx.check("within 15 s of being ready", tookMs <= SOON_MS, `${tookMs} ms`);
    const skips = seen
      .all("zako_v1_probe_skips_total")
      // Nobody pushes here.
      .filter((s) => labelOf(s, "probe") !== "push")
      .map((s) => ["target", "probe", "reason"].map((l) => labelOf(s, l)).join(" "));
    const onlyBidi = skips.length === 1 && skips[0] === "zako-connect cas.negotiate bidi_needs_http2";
    ctx.check("but for cas.negotiate over Connect, which needs HTTP/2", onlyBidi, skips);
    ctx.check("nothing fails", seen.sum("zako_v1_probe_failures_total") === 0, "");

    for (const { name, ok, detail } of await checkExposition(url)) ctx.check(name, ok, detail);
    await lookAround(ctx, url);
    const noise = product.lines.filter(
      (line) => /\b(error|warn(ing)?|wrangler|workerd)\b/i.test(line) && !/^npm /.test(line),
    );
    ctx.check("prints no noise", noise.length === 0, noise.join("\n"));
    await product.stop();

    await askForToken(ctx);
  },
};

const successes = (s: Scrape): string[] =>
  s
    .all("zako_v1_probe_success")
    .filter(({ value }) => value === 1)
    .map((sample) => `${labelOf(sample, "target")} ${labelOf(sample, "probe")}`);

const expected = (): string[] =>
  ["zako-web", "zako-connect", "zako-grpc"]
    .flatMap((target) => KINDS.map((kind) => `${target} ${kind}`))
    .filter((probe) => probe !== "zako-connect cas.negotiate");

async function lookAround(ctx: Context, url: string): Promise<void> {
  const answered = async (method: string, path: string): Promise<[number, string]> => {
    const response = await fetch(new URL(path, url), { method });
    return [response.status, await response.text()];
  };
  const [health, words] = await answered("GET", "/healthz");
  ctx.check("/healthz says ok", health === 200 && JSON.parse(words).status === "ok", words);
  for (const [method, path, status] of [
    ["GET", "/", 200],
    ["GET", "/nothing", 404],
    ["POST", "/metrics", 405],
    ["DELETE", "/healthz", 405],
  ] as const) {
    const [seen, body] = await answered(method, path);
    ctx.check(`${method} ${path} is ${status}`, seen === status, `${seen} ${body.split("\n")[0]}`);
  }
  const head = await fetch(new URL("/metrics", url), { method: "HEAD" });
  ctx.check("HEAD /metrics is answered without a body", head.status === 200 && (await head.text()) === "", head.status);

  const packed = await rawGet(`${url}/metrics`, { "accept-encoding": "gzip" });
  const text = packed.encoding === "gzip" ? gunzipSync(packed.body).toString() : "";
  const ok = text.includes("zako_v1_probe_success{") && packed.body.length < text.length / 4;
  ctx.check(
    "/metrics comes gzipped when asked",
    ok,
    `${packed.encoding}: ${packed.body.length} of ${text.length} bytes`,
  );
}

/** As the bytes come: `fetch` unpacks by itself. */
function rawGet(url: string, headers: Record<string, string>): Promise<{ encoding: string; body: Buffer }> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ encoding: response.headers["content-encoding"] ?? "", body: Buffer.concat(chunks) }),
      );
    })
      .on("error", reject)
      .end();
  });
}

/** A local run is public by design, so the Worker is started here as a deployment has it: with the project's own config. */
async function askForToken(ctx: Context): Promise<void> {
  const port = await freePort();
  const args = ["dev", "--local", "--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0"];
  args.push("--show-interactive-dev-session=false", "--var", "METRICS_TOKEN:e2e-token-0123456789");
  const clearedSilently = { WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false", NO_COLOR: "1" };
  const child = startChild("npx", ["wrangler", ...args], ctx.project(), clearedSilently);
  ctx.defer(() => child.signalGroup("SIGKILL"));
  await child.line(/Ready on http/);
  const status = async (path: string, authorization?: string): Promise<number> => {
    const headers = authorization === undefined ? {} : { authorization };
    return (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).status;
  };
  const seen = {
    "no token": await status("/metrics"),
    "a wrong token": await status("/metrics", "Bearer e2e-tokem"),
    "another scheme": await status("/metrics", "Basic e2e-token-0123456789"),
    "the token": await status("/metrics", "Bearer e2e-token-0123456789"),
    "no token for /healthz": await status("/healthz"),
  };
  const refused = seen["no token"] === 401 && seen["a wrong token"] === 401 && seen["another scheme"] === 401;
  ctx.check("a deployed /metrics asks for its token", refused && seen["the token"] === 200, seen);
  ctx.check("its /healthz does not", seen["no token for /healthz"] !== 401, seen["no token for /healthz"]);
}
