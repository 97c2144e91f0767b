import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Incident } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import { type Receiver, startReceiver } from "../../receiver/server.ts";
import { type GrpcWebProxy, startGrpcWebProxy } from "../grpc-web-proxy.ts";
import { incidentsOf } from "../local-incidents.ts";
import { labelOf } from "../metrics.ts";
import {
  changesOf,
  ledgerOf,
  messagesText,
  notificationsOf,
  type Outage,
  positionOf,
  recordedMs,
  recordText,
} from "../outage-ledger.ts";
import { freePort, type Product } from "../product.ts";
import type { Context, Story } from "../story.ts";
import { tickAfter } from "../ticks.ts";
import { startZakoProcess, type ZakoProcess } from "../zako-process.ts";

const DOWN = "ZakoTargetDown";
const TARGETS = ["direct-grpc", "direct-web", "proxied-web"];
/** Every critical probe that an upstream-shaped Zako answers. */
const OFFERED = ["cas.details", "cas.negotiate", "transport.download", "transport.upload", "transport.journey"];
const KILLS = 3;
const INTERVAL_MS = 10_000;
/** The default of `thresholds.recoveries`. */
const RECOVERIES = 3;
/** How long the Zako is dead at least; longer where the pages take longer. */
const DEAD_MS = 45_000;
/** Well above what is promised: one interval, two deadlines and 5 s. */
const PAGE_PATIENCE_MS = 50_000;
/** Well above what is promised: `recoveries` + 1 rechecks and 10 s. */
const RESOLVE_PATIENCE_MS = 80_000;
const EXPECTED = Array.from({ length: KILLS }, () => "firing resolved").join(" ");

interface World {
  zako: ZakoProcess;
  proxy: GrpcWebProxy;
  /** Takes `ZakoTargetDown` only, each target at a receiver of its own. */
  pager: Receiver;
  /** Takes all that a person on call is sent by default. */
  oncall: Receiver;
  product: Product;
}

/** A Zako like the public one (no health service, no diagnostics) is killed three times; each outage pages and resolves once. */
export const threeKills: Story = {
  name: "three-kills",
  async run(ctx) {
    const world = await start(ctx);
    await ctx.until("every probe that the Zako offers succeeds", () => isWell(world.product), 90_000);
    const skipped = (await world.product.scrape())
      .all("zako_v1_probe_skips_total", { probe: "health", reason: "rpc_unimplemented" })
      .map((sample) => labelOf(sample, "target"));
    ctx.check(
      "its health service is not there",
      TARGETS.every((target) => skipped.includes(target)),
      skipped,
    );
    const early = world.oncall.inbox.entries.length;
    ctx.check("nobody is notified of anything while all is well", early === 0, early);

    const outages: Outage[] = [];
    for (let round = 1; round <= KILLS; round++) outages.push(await killOnce(ctx, world, round));

    // Time for what must not come after the last resolve.
    for (let more = 1; more <= 2; more++) await tickAfter(ctx, world.product, (await world.product.scrape()).lastSlot);
    const incidents = await incidentsOf(ctx, world.product);
    for (const target of TARGETS) {
      const paged = notificationsOf(world.pager.inbox.entries, DOWN, target);
      const what = `${target}: each kill pages once and resolves once, nothing between and nothing after`;
      ctx.check(what, positionOf(paged) === EXPECTED, `\n${ledgerOf(outages, paged)}`);
      const seen = changesOf(notificationsOf(world.oncall.inbox.entries, DOWN, target));
      ctx.check(`${target}: whoever is sent all alerts sees the same`, positionOf(seen) === EXPECTED, positionOf(seen));
      checkRecord(
        ctx,
        target,
        outages,
        incidents.filter((one) => one.target === target),
      );
    }
    const all = [...world.pager.inbox.entries, ...world.oncall.inbox.entries];
    const bad = all.flatMap(({ problems }) => problems);
    const startMs = outages[0]?.killedAt ?? 0;
    const ledger = messagesText(world.oncall.inbox.entries, startMs);
    ctx.check("every receiver takes what it is sent", bad.length === 0, bad.join("\n") || `\n${ledger}`);
  },
};

async function start(ctx: Context): Promise<World> {
  const zako = await startZakoProcess(ctx);
  const proxy = await startGrpcWebProxy(zako.url);
  const [pager, oncall] = [await startReceiver(), await startReceiver()];
  ctx.defer(() => Promise.all([proxy.close(), pager.close(), oncall.close()]));
  const port = await freePort();
  const config = join(ctx.scratch, "watch.yaml");
  writeFileSync(config, configOf({ zako, proxy, pager, oncall }, port));
  const secrets = { ONCALL_SLACK_URL: `${oncall.url}/services/T0/B0/local`, ONCALL_KEY: "0123456789abcdef".repeat(2) };
  const product = await ctx.startProduct({ args: ["--config", config], env: { PORT: String(port), ...secrets } });
  return { zako, proxy, pager, oncall, product };
}

/** Defaults everywhere, but for the interval of critical probes and the budgets that this interval needs. */
const configOf = ({ zako, proxy, pager, oncall }: Omit<World, "product">, port: number): string => `
installation: three-kills
external_url: http://127.0.0.1:${port}
defaults:
  write_budget_per_day: 256MiB
  token_budget_per_day: 20000
  probes:
${["health", ...OFFERED].map((kind) => `    ${kind}: { interval: ${INTERVAL_MS / 1_000}s }`).join("\n")}
targets:
  - { name: direct-grpc, cas: "${zako.grpcUrl}", protocol: grpc }
  - { name: direct-web, cas: "${zako.url}", protocol: grpc-web }
  - { name: proxied-web, cas: "${proxy.url}", protocol: grpc-web }
notify:
  receivers:
    oncall:
      - slack: { webhook_url: ONCALL_SLACK_URL }
      - pagerduty: { routing_key: ONCALL_KEY, events_url: "${oncall.url}/v2/enqueue" }
      - webhook: { url: "${oncall.url}/webhook" }
${TARGETS.map((target) => `    ${target}: [{ webhook: { url: "${pager.url}/webhook/${target}" } }]`).join("\n")}
  route:
    receiver: oncall
    routes:
${TARGETS.map((target) => `      - { match: ['alertname="${DOWN}"', 'target="${target}"'], receiver: ${target}, continue: true }`).join("\n")}
      - { match: severity=~".+", receiver: oncall }
`;

async function isWell(product: Product): Promise<boolean> {
  const seen = await product.scrape();
  return TARGETS.every((target) =>
    OFFERED.every((probe) => seen.sum("zako_v1_probe_success", { target, probe }) === 1),
  );
}

/** Kills the Zako, waits for the pages, restarts it and waits for the resolves. What does not come is a failed check. */
async function killOnce(ctx: Context, world: World, round: number): Promise<Outage> {
  const { zako, proxy } = world;
  const [paged, resolved] = [round * 2 - 1, round * 2];
  const waitFor = async (what: string, changes: number, boundMs: number): Promise<void> => {
    const missing = (): string[] => TARGETS.filter((target) => changesReceived(world, target) < changes);
    await ctx.until(what, () => missing().length === 0, boundMs).catch(() => {});
    ctx.check(`kill ${round}: ${what}`, missing().length === 0, missing().join(", "));
  };
  const refused = proxy.unavailable;
  const killedAt = Date.now();
  await zako.kill();
  await waitFor("every target is paged for", paged, PAGE_PATIENCE_MS);
  await sleep(Math.max(0, killedAt + DEAD_MS - Date.now()));
  const answered = proxy.unavailable - refused;
  ctx.check(`kill ${round}: the proxy answers unavailable meanwhile`, answered > 0, `${answered} times`);
  await zako.restart();
  const servedAt = Date.now();
  await waitFor("every page is resolved", resolved, RESOLVE_PATIENCE_MS);
  return { killedAt, servedAt };
}

/** How many times a target was reported down or up again; the receiver that knows less counts. */
const changesReceived = ({ pager, oncall }: World, target: string): number =>
  Math.min(...[pager, oncall].map(({ inbox }) => changesOf(notificationsOf(inbox.entries, DOWN, target)).length));

/** The record is the truth: an incident per kill, as long as the Zako was dead. */
function checkRecord(ctx: Context, target: string, outages: readonly Outage[], incidents: readonly Incident[]): void {
  const mostMs = (RECOVERIES + 1) * INTERVAL_MS;
  const isTrue = ({ killedAt, servedAt }: Outage, incident: Incident | undefined): boolean => {
    const lastedMs = incident === undefined ? undefined : recordedMs(incident);
    if (incident?.openedAt === undefined || lastedMs === undefined) return false;
    const lateMs = timestampMs(incident.openedAt) - killedAt;
    return Math.abs(lateMs) <= mostMs && Math.abs(lastedMs - (servedAt - killedAt)) <= mostMs;
  };
  const ok = incidents.length === KILLS && outages.every((outage, i) => isTrue(outage, incidents[i]));
  const what = `${target}: the incidents on record are the outages, give or take ${mostMs / 1_000} s`;
  ctx.check(what, ok, `\n${recordText(outages, incidents)}`);
}
