import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Receiver, startReceiver } from "../../receiver/server.ts";
import { clearFaults, putBlob, setFault } from "../../zako-control.ts";
import { stateOf } from "../messages.ts";
import { freePort, type Product } from "../product.ts";
import type { Context, Story } from "../story.ts";
import { type Received, receivedByTarget, seconds, transcriptOf } from "../target-ledger.ts";
import { startZakoProcess, type ZakoProcess } from "../zako-process.ts";

const TARGETS = ["zako-web", "zako-connect", "zako-grpc"];
const ENDPOINTS = ["slack", "pagerduty", "/webhook/oncall"];
const PROBES = ["health", "cas.negotiate", "transport.download"];
/** Longer than a minute, so that the probes that run once a minute see it too. */
const OUTAGE_MS = 80_000;
/** `recoveries` + 1 rechecks and 10 s. */
const OVER_BOUND_MS = 50_000;
/** Past the first update of a group. */
const AFTERWARDS_MS = 35_000;

interface World {
  zako: ZakoProcess;
  oncall: Receiver;
  product: Product;
}

/** Three targets are one server, as under `npm start`: whatever breaks it is one message that names the three, and one resolve. */
export const oneServer: Story = {
  name: "one-server",
  async run(ctx) {
    const world = await start(ctx);
    const { zako, oncall } = world;
    await ctx.until("every probe succeeds", () => isWell(world), 90_000);
    await tellOutage(ctx, world, "a flipped byte", "corrupt", {
      breakIt: () => setFault(zako.controlUrl, "flip-byte"),
      mend: () => clearFaults(zako.controlUrl),
    });
    await tellOutage(ctx, world, "a refused connection", "unreachable", {
      breakIt: () => zako.kill(),
      mend: () => zako.restart(),
    });
    const bad = oncall.inbox.entries.flatMap(({ problems }) => problems);
    ctx.check("every receiver takes what it is sent", bad.length === 0, bad.join("\n"));
  },
};

async function start(ctx: Context): Promise<World> {
  const zako = await startZakoProcess(ctx, { without: [] });
  const oncall = await startReceiver();
  ctx.defer(() => oncall.close());
  const golden = await putBlob(
    zako.controlUrl,
    Uint8Array.from({ length: 65_536 }, (_, i) => (i * 31) & 0xff),
  );
  const port = await freePort();
  const config = join(ctx.scratch, "watch.yaml");
  writeFileSync(config, configOf(zako, golden, oncall, port));
  const secrets = { ONCALL_SLACK_URL: `${oncall.url}/services/T0/B0/local`, ONCALL_KEY: "0123456789abcdef".repeat(2) };
  const product = await ctx.startProduct({ args: ["--config", config], env: { PORT: String(port), ...secrets } });
  return { zako, oncall, product };
}

/** The targets and intervals of `npm start`. */
const configOf = (
  { url, grpcUrl, address }: ZakoProcess,
  { hex, sizeBytes }: { hex: string; sizeBytes: number },
  oncall: Receiver,
  port: number,
): string => `
installation: one-server
external_url: http://127.0.0.1:${port}
defaults:
  token_budget_per_day: 10000
  timeout: 2s
  probes:
    health: { interval: 10s }
    cas.details: { interval: 1m }
    cas.negotiate: { interval: 10s }
    transport.download: { interval: 10s, golden: { digest: ${hex}, size_bytes: ${sizeBytes} } }
    transport.upload: { interval: 1m }
    transport.journey: { interval: 1m }
targets:
${[url, url, grpcUrl].map((cas, i) => entry(TARGETS[i] ?? "", cas, ["grpc-web", "connect", "grpc"][i] ?? "", address)).join("\n")}
notify:
  receivers:
    oncall:
      - slack: { webhook_url: ONCALL_SLACK_URL }
      - pagerduty: { routing_key: ONCALL_KEY, events_url: "${oncall.url}/v2/enqueue" }
      - webhook: { url: "${oncall.url}/webhook/oncall" }
    team: [{ webhook: { url: "${oncall.url}/webhook/team" } }]
  route: { receiver: team, routes: [{ match: severity="critical", receiver: oncall }] }
`;

const entry = (name: string, cas: string, protocol: string, address: string): string =>
  `  - { name: ${name}, cas: "${cas}", protocol: ${protocol}, address: "${address}", transport_auth: { header: authorization, scheme: Bearer } }`;

async function isWell({ product }: World): Promise<boolean> {
  const seen = await product.scrape();
  const succeeds = (target: string, probe: string): boolean =>
    seen.sum("zako_v1_probe_success", { target, probe }) === 1;
  // Connect refuses bidirectional streams over HTTP/1.1, so Negotiate is skipped there.
  return TARGETS.every((target) =>
    PROBES.every((probe) => succeeds(target, probe) || (target === "zako-connect" && probe === "cas.negotiate")),
  );
}

/** One outage from its beginning until everybody has the resolve, and a while longer. */
async function tellOutage(
  ctx: Context,
  { oncall: { inbox }, product }: World,
  what: string,
  cause: string,
  { breakIt, mend }: { breakIt(): Promise<unknown>; mend(): Promise<unknown> },
): Promise<void> {
  inbox.clear();
  const faultAt = Date.now();
  await breakIt();
  await sleep(faultAt + OUTAGE_MS - Date.now());
  await mend();
  const mendedAt = Date.now();
  const isOncall = (endpoint: string): boolean => ENDPOINTS.includes(endpoint);
  const ends = (): number =>
    inbox.entries.filter((one) => stateOf(one) === "resolved" && (isOncall(one.channel) || isOncall(one.path))).length;
  const bound = `within ${seconds(OVER_BOUND_MS)} s of the mend`;
  await ctx.until("the end", () => ends() >= ENDPOINTS.length, OVER_BOUND_MS).catch(() => {});
  const overMs = Date.now() - mendedAt;
  const isOver = ends() >= ENDPOINTS.length;
  const seen = isOver ? `${seconds(overMs)} s` : product.lines.slice(-60).join("\n");
  ctx.check(`${what}: everybody is notified ${bound} that it is over`, isOver, seen);
  await sleep(AFTERWARDS_MS);

  const received = receivedByTarget(inbox.entries, TARGETS);
  const all = received.get(TARGETS[0] ?? "") ?? [];
  const transcript = transcriptOf(all, { target: "", faultAt, mendedAt });
  for (const endpoint of ENDPOINTS) {
    const states = (of: readonly Received[] = []): string =>
      of.flatMap((one) => (one.endpoint === endpoint ? one.state : [])).join(" ");
    const sent = inbox.entries.filter(({ channel, path }) => channel === endpoint || path === endpoint).length;
    const once = sent === 2 && TARGETS.every((target) => states(received.get(target)) === "firing resolved");
    ctx.check(`${what}: ${endpoint} gets one message that names the three, and one resolve`, once, "");
  }
  ctx.check(`${what}: the ledger`, true, `\n${transcript}`);
  const titles = all.filter(({ endpoint, state }) => endpoint === "slack" && state === "firing");
  const named = titles.every(({ title }) => title.includes("3 targets") && title.includes(cause));
  ctx.check(`${what}: its title says what the three have in common`, named, titles[0]?.title);
}
