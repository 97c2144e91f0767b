import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { type Receiver, startReceiver } from "../../receiver/server.ts";
import { incidentsOf, uptimesOf } from "../local-incidents.ts";
import { freePort, type Product } from "../product.ts";
import type { Context, Story } from "../story.ts";
import {
  countsOf,
  type Received,
  receivedByTarget,
  type Scripted,
  seconds,
  tableOf,
  transcriptOf,
} from "../target-ledger.ts";
import { type Broken, startTen } from "../ten-faults-script.ts";
import { tickAfter } from "../ticks.ts";

const INTERVAL_MS = 10_000;
const RECHECK_MS = 10_000;
const TIMEOUT_MS = 2_000;
/** The default of `thresholds.recoveries`. */
const RECOVERIES = 3;
const FAULT_MS = 90_000;
/** Watched after the mend, with the start in at most 9 minutes: past the 5 minutes in which an outage mutes what follows from it. */
const SHORT_WATCH_MS = 345_000;
const LONG_WATCH_MS = 20 * 60_000;
/** Taken while the outage lasts. */
const MANAGER_AFTER_MS = 30_000;
/** Due when all is mended and nobody knows of it yet. */
const DIRECTOR_AFTER_MS = FAULT_MS;

/** The promise for a first page, and for the end: fault to page, mend to everybody's resolve. */
const PAGE_BOUND_MS = INTERVAL_MS + 2 * TIMEOUT_MS + 5_000;
const OVER_BOUND_MS = (RECOVERIES + 1) * RECHECK_MS + 10_000;
/** How long a run takes that began before the mend. */
const LAST_RUN_MS = 2 * TIMEOUT_MS;

/** Every kind that runs by default. */
const OUTSIDE = ["cas.details", "cas.negotiate", "transport.download", "transport.upload", "transport.journey"];
const INSIDE = ["worker.submit", "worker.gc", "engine.execute", "engine.context", "resource.heuristics"];
const PROBES = ["health", ...OUTSIDE, ...INSIDE];
const ONCALL_ENDPOINTS = ["slack", "pagerduty", "/webhook/oncall"];
/** What may be said of an outage after its end: how slow it was, and what it cost. */
const HINDSIGHT = /^ZakoErrorBudgetBurnSlow\b|Latency/;

interface World {
  ten: readonly Broken[];
  /** Is sent what is critical. */
  oncall: Receiver;
  /** Is sent all else. */
  team: Receiver;
  /** Plays the manager and the director, who are sent what is escalated. */
  bosses: Receiver;
  product: Product;
}

/** What became of one target's fault. */
interface Row extends Scripted {
  fault: Broken;
  oncall: readonly Received[];
  team: readonly Received[];
  bosses: readonly Received[];
  /** As the product has them on record. */
  incidents: readonly { openedAt: number; closedAt: number | undefined }[];
  downSeconds: number;
}

/** Ten Zakos on ten addresses break in ten ways at once; each is one page and one resolve for each receiver. */
export const tenFaults: Story = { name: "ten-faults", run: (ctx) => tell(ctx, SHORT_WATCH_MS) };

/** The same, watched for as long as the slowest rules need. */
export const tenFaultsLong: Story = {
  name: "ten-faults-long",
  onRequest: true,
  run: (ctx) => tell(ctx, LONG_WATCH_MS),
};

async function tell(ctx: Context, watchMs: number): Promise<void> {
  const world = await start(ctx);
  await ctx.until("every probe succeeds", () => isWell(world), 90_000);
  const early = [world.oncall, world.team, world.bosses].flatMap(({ inbox }) => inbox.entries);
  ctx.check("nobody is notified of anything while all is well", early.length === 0, early.length);

  // Just after a slot was asked is the worst of moments for being seen soon.
  await tickAfter(ctx, world.product, (await world.product.scrape()).lastSlot);
  const faultAt = Date.now();
  await Promise.all(world.ten.map(({ breakIt }) => breakIt()));
  await sleep(faultAt + FAULT_MS - Date.now());
  const mended = await Promise.all(world.ten.map(async ({ mend }) => mend().then(() => Date.now())));
  await sleep(watchMs);

  const rows = await rowsOf(ctx, world, faultAt, mended);
  ctx.check("the ledger", true, `\n${ledgerOf(rows)}`);
  checkPages(ctx, rows, world.oncall);
  checkAfter(ctx, rows);
  checkRecord(ctx, rows);
  const bad = [world.oncall, world.team, world.bosses].flatMap(({ inbox }) => inbox.entries.flatMap((e) => e.problems));
  ctx.check("every receiver takes what it is sent", bad.length === 0, bad.join("\n"));
}

async function start(ctx: Context): Promise<World> {
  const ten = await startTen(ctx);
  const [oncall, team, bosses] = [await startReceiver(), await startReceiver(), await startReceiver()];
  ctx.defer(() => Promise.all([oncall.close(), team.close(), bosses.close()]));
  const port = await freePort();
  const config = join(ctx.scratch, "watch.yaml");
  writeFileSync(config, configOf({ ten, oncall, team, bosses }, port));
  const secrets = { ONCALL_SLACK_URL: `${oncall.url}/services/T0/B0/local`, ONCALL_KEY: "0123456789abcdef".repeat(2) };
  const product = await ctx.startProduct({ args: ["--config", config], env: { PORT: String(port), ...secrets } });
  return { ten, oncall, team, bosses, product };
}

const configOf = ({ ten, oncall, team, bosses }: Omit<World, "product">, port: number): string => `
installation: ten-faults
external_url: http://127.0.0.1:${port}
defaults:
  interval: ${INTERVAL_MS / 1_000}s
  timeout: ${TIMEOUT_MS / 1_000}s
  recheck: ${RECHECK_MS / 1_000}s
  write_budget_per_day: 256MiB
  token_budget_per_day: 20000
  probes:
${PROBES.map((kind) => `    ${kind}: { interval: ${INTERVAL_MS / 1_000}s }`).join("\n")}
targets:
${ten.map(({ entry }) => `  - ${entry}`).join("\n")}
notify:
  receivers:
    oncall:
      - slack: { webhook_url: ONCALL_SLACK_URL }
      - pagerduty: { routing_key: ONCALL_KEY, events_url: "${oncall.url}/v2/enqueue" }
      - webhook: { url: "${oncall.url}/webhook/oncall" }
    team: [{ webhook: { url: "${team.url}/webhook/team" } }]
    manager: [{ webhook: { url: "${bosses.url}/webhook/manager" } }]
    director: [{ webhook: { url: "${bosses.url}/webhook/director" } }]
  route:
    receiver: team
    routes:
      - { match: severity="critical", receiver: oncall }
  severities:
    critical:
      escalation:
        - { after: ${MANAGER_AFTER_MS / 1_000}s, receiver: manager }
        - { after: ${DIRECTOR_AFTER_MS / 1_000}s, receiver: director }
`;

async function isWell({ ten, product }: World): Promise<boolean> {
  const seen = await product.scrape();
  return ten.every(({ target, upstream }) =>
    (upstream ? OUTSIDE : PROBES).every((probe) => seen.sum("zako_v1_probe_success", { target, probe }) === 1),
  );
}

async function rowsOf(ctx: Context, world: World, faultAt: number, mended: readonly number[]): Promise<Row[]> {
  const { ten, oncall, team, bosses, product } = world;
  const answers = await ctx.until("the product answers", () => product.scrape()).catch(() => undefined);
  ctx.check(
    "the product has lived through it all",
    answers !== undefined,
    answers ? "" : product.lines.slice(-40).join("\n"),
  );
  const incidents = await incidentsOf(ctx, product);
  const uptimes = await uptimesOf(product);
  const targets = ten.map(({ target }) => target);
  const [byOncall, byTeam, byBosses] = [oncall, team, bosses].map(({ inbox }) =>
    receivedByTarget(inbox.entries, targets),
  );
  return ten.map((fault, i) => {
    const { target } = fault;
    return {
      ...{ target, fault, faultAt, mendedAt: mended[i] ?? 0 },
      oncall: byOncall?.get(target) ?? [],
      team: byTeam?.get(target) ?? [],
      bosses: byBosses?.get(target) ?? [],
      incidents: incidents
        .filter((one) => one.target === target)
        .map(({ openedAt, closedAt }) => ({
          openedAt: openedAt === undefined ? 0 : timestampMs(openedAt),
          closedAt: closedAt === undefined ? undefined : timestampMs(closedAt),
        })),
      downSeconds: uptimes.get(target)?.downSeconds ?? Number.NaN,
    };
  });
}

const at = (received: readonly Received[], endpoint: string): Received[] =>
  received.filter((one) => one.endpoint === endpoint);
const firing = (received: readonly Received[]): Received[] => received.filter(({ state }) => state === "firing");
const resolved = (received: readonly Received[]): Received[] => received.filter(({ state }) => state === "resolved");

const firstPageMs = ({ oncall, faultAt }: Row): number => Math.min(...firing(oncall).map((one) => one.at)) - faultAt;
/** When the last receiver had its resolve. */
const overMs = ({ oncall, bosses, mendedAt }: Row): number =>
  Math.max(...resolved([...oncall, ...bosses]).map((one) => one.at)) - mendedAt;
const isNamed = ({ oncall, fault: { probe, reason } }: Row): boolean =>
  firing([...at(oncall, "slack"), ...at(oncall, "pagerduty")]).every(
    ({ title }) => title.includes(`${probe}: `) && title.includes(`(${reason})`),
  );
const escalationsAfter = ({ bosses, mendedAt }: Row): Received[] =>
  firing(bosses).filter((one) => one.at > mendedAt + LAST_RUN_MS || one.endpoint === "/webhook/director");
/** When the recorded incident began after the fault, and when it ended. */
const openedMs = ({ incidents: [first], faultAt }: Row): number | undefined =>
  first === undefined ? undefined : first.openedAt - faultAt;
const closedMs = ({ incidents: [first], faultAt }: Row): number | undefined =>
  first?.closedAt === undefined ? undefined : first.closedAt - faultAt;
const recordedMs = ({ incidents: [first] }: Row): number | undefined =>
  first?.closedAt === undefined ? undefined : first.closedAt - first.openedAt;

function ledgerOf(rows: readonly Row[]): string {
  const head = [
    ...["target", "fault at s", "first page after s", "cause named", "resolved after mend s"],
    ...["slack", "webhook", "PagerDuty triggers+resolves", "manager", "director", "team", "escalations after mend"],
    ...["recorded from s", "recorded to s", "recorded down s", "uptime's down s", "really s"],
  ];
  const start = Math.min(...rows.map(({ faultAt }) => faultAt));
  const cells = rows.map((row) => [
    ...[row.target, seconds(row.faultAt - start), seconds(firstPageMs(row)), isNamed(row) ? row.fault.reason : "NO"],
    ...[seconds(overMs(row)), countsOf(at(row.oncall, "slack")), countsOf(at(row.oncall, "/webhook/oncall"))],
    ...[countsOf(at(row.oncall, "pagerduty")), countsOf(at(row.bosses, "/webhook/manager"))],
    ...[countsOf(at(row.bosses, "/webhook/director")), countsOf(row.team), String(escalationsAfter(row).length)],
    ...[openedMs(row), closedMs(row), recordedMs(row), row.downSeconds * 1_000, row.mendedAt - row.faultAt].map(
      seconds,
    ),
  ]);
  return tableOf([head, ...cells]);
}

/** Checks a law that each row keeps; the first that breaks it is shown with all that was said of it. */
function checkRows(ctx: Context, what: string, rows: readonly Row[], keeps: (row: Row) => boolean): void {
  const broken = rows.filter((row) => !keeps(row));
  const [first] = broken;
  const said = first === undefined ? "" : transcriptOf([...first.oncall, ...first.bosses, ...first.team], first);
  ctx.check(what, first === undefined, first === undefined ? "" : `${broken.map(nameOf).join(", ")}\n${said}`);
}

const nameOf = ({ target }: Row): string => target;

function checkPages(ctx: Context, rows: readonly Row[], { inbox }: Receiver): void {
  const once = (received: readonly Received[]): boolean => countsOf(received) === "1+1";
  checkRows(ctx, "each receiver of what is critical has one page and one resolve of each", rows, (row) =>
    ONCALL_ENDPOINTS.every((endpoint) => once(at(row.oncall, endpoint))),
  );
  const alone = rows.every(({ oncall, target }) =>
    oncall.every(({ title }) => rows.every((other) => other.target === target || !title.includes(other.target))),
  );
  ctx.check("no message is about two targets", alone, "");
  const incidents = [...inbox.incidents.values()];
  ctx.check(
    "PagerDuty has one incident for each, all resolved",
    incidents.length === rows.length && incidents.every(({ state }) => state === "resolved"),
    incidents.map(({ summary, state, events }) => `${summary}: ${state}, ${events} events`).join("\n"),
  );
  checkRows(
    ctx,
    `each is paged for within ${seconds(PAGE_BOUND_MS)} s`,
    rows,
    (row) => firstPageMs(row) <= PAGE_BOUND_MS,
  );
  checkRows(ctx, "each title names the probe and the reason", rows, isNamed);
  checkRows(ctx, "each is escalated to the manager once, who has the resolve", rows, ({ bosses }) =>
    once(at(bosses, "/webhook/manager")),
  );
}

function checkAfter(ctx: Context, rows: readonly Row[]): void {
  const bound = `within ${seconds(OVER_BOUND_MS)} s of the mend`;
  checkRows(ctx, `everybody is notified ${bound} that it is over, and nobody before it`, rows, (row) => {
    const ends = resolved([...row.oncall, ...row.bosses]);
    return overMs(row) <= OVER_BOUND_MS && ends.every((end) => end.at >= row.mendedAt);
  });
  checkRows(ctx, "nothing is escalated after the mend", rows, (row) => escalationsAfter(row).length === 0);
  checkRows(ctx, "nobody is paged after the mend", rows, ({ oncall, mendedAt }) =>
    firing(oncall).every((one) => one.at <= mendedAt + LAST_RUN_MS),
  );
  const begun = ({ oncall, team, bosses, mendedAt }: Row): string[] =>
    [...oncall, ...team, ...bosses].flatMap(({ endpoint, alerts }) =>
      alerts.flatMap(({ alertname, status, startsAt }) =>
        status === "firing" && startsAt > mendedAt ? `${alertname} at ${endpoint}` : [],
      ),
    );
  checkRows(ctx, "no alert begins with a run after the mend", rows, (row) =>
    begun(row).every((alert) => HINDSIGHT.test(alert)),
  );
  checkRows(ctx, "the slow burn and latency are warned of once at most", rows, (row) => {
    const seen = begun(row);
    return new Set(seen).size === seen.length;
  });
  checkRows(ctx, "the team hears at most once of each outage's warnings and once of their end", rows, ({ team }) => {
    const own = team.filter(({ alerts }) => !alerts.every(({ alertname }) => HINDSIGHT.test(alertname)));
    return firing(own).length <= 1 && resolved(own).length <= 1;
  });
}

/** The record is the truth: late by an interval at the start and a recheck at the end at most. */
function checkRecord(ctx: Context, rows: readonly Row[]): void {
  checkRows(ctx, "each has one incident on record, from its first failing run to its first good one", rows, (row) => {
    const [first, ...others] = row.incidents;
    if (first?.closedAt === undefined || others.length > 0) return false;
    const [late, after] = [first.openedAt - row.faultAt, first.closedAt - row.mendedAt];
    // A run that began before the fault can be its first to fail, and one that began before the mend its first to succeed.
    return late >= -TIMEOUT_MS && late <= INTERVAL_MS && after >= -TIMEOUT_MS && after <= RECHECK_MS;
  });
  checkRows(ctx, "uptime counts the same minutes", rows, (row) => {
    const ms = recordedMs(row);
    return ms !== undefined && Math.abs(row.downSeconds * 1_000 - ms) <= 1_000;
  });
}
