import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Receiver, startReceiver } from "../../receiver/server.ts";
import { setFault, state } from "../../zako-control.ts";
import { freePort, type Product } from "../product.ts";
import type { Context, Story } from "../story.ts";
import { firingOf, receivedByTarget, seconds } from "../target-ledger.ts";
import { startZakoProcess, type ZakoProcess } from "../zako-process.ts";

const GRID_MS = 10_000;
/** The first addresses of the healthy targets and of the one that hangs. */
const [HANGING_HOST, HEALTHY_HOST] = ["127.0.0.31", 32];
const HANGING = Array.from({ length: 24 }, (_, i) => `hanging-${i}`);
const HEALTHY = ["healthy-0", "healthy-1", "healthy-2"];
/** Long enough for a target that is always last to be left out several times. */
const WATCHED_SLOTS = 8;
/** Two slots until it is asked, one more to be confirmed, and the deadlines of both. */
const PAGE_BOUND_MS = 4 * GRID_MS;
const ASK_EVERY_MS = 250;

/** 24 targets that hang leave too little room in a slot; the three that work are watched all the same. */
export const crowded: Story = {
  name: "crowded",
  async run(ctx) {
    const stuck = await startZakoProcess(ctx, { host: HANGING_HOST, without: [] });
    await setFault(stuck.controlUrl, "hang");
    const healthy: ZakoProcess[] = [];
    for (const i of HEALTHY.keys())
      healthy.push(await startZakoProcess(ctx, { host: `127.0.0.${HEALTHY_HOST + i}`, without: [] }));
    const oncall = await startReceiver();
    ctx.defer(() => oncall.close());
    const port = await freePort();
    const config = join(ctx.scratch, "watch.yaml");
    const document = configOf(stuck, healthy, oncall, port);
    checkRemedies(ctx, config, document);
    writeFileSync(config, document);
    const product = await ctx.startProduct({ args: ["--config", config], env: { PORT: String(port) } });
    // Until it is known which ones hang, every target waits for its turn.
    await ctx.until("the healthy ones succeed", () => isWell(product), 90_000);

    const asked = await slotsAsked(healthy);
    for (const [i, name] of HEALTHY.entries()) {
      const slots = asked[i] ?? [];
      const what = `${name} is asked in every other slot at least, behind ${HANGING.length} that hang`;
      ctx.check(what, longestGap(slots) <= 2, slots.join(" "));
    }
    const before = firingOf(oncall.inbox.entries, [...HANGING, ...HEALTHY]);
    ctx.check(
      "each one that hangs is paged for",
      HANGING.every((name) => before.has(name)),
      [...before.keys()].join(", "),
    );
    ctx.check("none of the healthy ones is", !HEALTHY.some((name) => before.has(name)), "");
    await killHealthy(ctx, healthy, oncall);
  },
};

const configOf = (stuck: ZakoProcess, healthy: readonly ZakoProcess[], oncall: Receiver, port: number): string => `
installation: crowded
external_url: http://127.0.0.1:${port}
defaults:
  probes:
    health: { interval: ${GRID_MS / 1_000}s, timeout: 4s }
${["cas.details", "cas.negotiate", "transport.download", "transport.upload", "transport.journey"].map(off).join("\n")}
${["worker.submit", "worker.gc", "engine.execute", "engine.context", "resource.heuristics"].map(off).join("\n")}
targets:
${HANGING.map((name) => entry(name, stuck)).join("\n")}
${healthy.map((zako, i) => entry(HEALTHY[i] ?? "", zako)).join("\n")}
notify:
  receivers:
    oncall: [{ webhook: { url: "${oncall.url}/webhook/oncall" } }]
    team: [{ webhook: { url: "${oncall.url}/webhook/team" } }]
  route: { receiver: team, routes: [{ match: severity="critical", receiver: oncall }] }
`;

const off = (kind: string): string => `    ${kind}: false`;
const entry = (name: string, { url }: ZakoProcess): string => `  - { name: ${name}, cas: "${url}" }`;

/** `config check` says what is too much, and each setting that it proposes is enough. */
function checkRemedies(ctx: Context, file: string, document: string): void {
  const check = (text: string): { said: string; code: number | null } => {
    writeFileSync(file, text);
    const args = ["run", "-s", "cli", "--", "config", "check", "--local", file];
    const { stdout, stderr, status } = spawnSync("npm", args, { encoding: "utf8" });
    return { said: `${stdout}${stderr}`, code: status };
  };
  const { said } = check(document);
  const tooMuch = /if nothing answers, 27 origins with timeouts of 4 s need [\d.]+ s of 6 connections/.test(said);
  ctx.check(
    "config check says what is too much",
    tooMuch,
    said.split("\n").find((line) => line.includes("origins")),
  );
  const timeout = /`timeout` to at most (\S+?)[,\s]/.exec(`${said} `)?.[1];
  const interval = /`interval` to at least (\S+?)[,\s]/.exec(`${said} `)?.[1];
  for (const [what, remedied] of [
    [`timeout: ${timeout}`, document.replace("timeout: 4s", `timeout: ${timeout}`)],
    [`interval: ${interval}`, document.replace(`interval: ${GRID_MS / 1_000}s`, `interval: ${interval}`)],
  ] as const) {
    const { said: after, code } = check(remedied);
    const fits = code === 0 && !after.includes("origins");
    ctx.check(`with \`${what}\`, as it says, everything fits`, fits, fits ? "" : after);
  }
}

async function isWell(product: Product): Promise<boolean> {
  const seen = await product.scrape();
  return HEALTHY.every((target) => seen.sum("zako_v1_probe_success", { target, probe: "health" }) === 1);
}

/** In which slots each of them was asked, counted from the first, by their own counters. */
async function slotsAsked(zakos: readonly ZakoProcess[]): Promise<number[][]> {
  const countsNow = () =>
    Promise.all(zakos.map(async ({ controlUrl }) => (await state(controlUrl)).started["health.Check"] ?? 0));
  const slotNow = (): number => Math.floor(Date.now() / GRID_MS);
  const first = slotNow() + 1;
  await sleep(first * GRID_MS - Date.now());
  let last = await countsNow();
  const asked: number[][] = zakos.map(() => [-1]);
  while (slotNow() < first + WATCHED_SLOTS) {
    const slot = slotNow() - first;
    const counts = await countsNow();
    for (const [i, count] of counts.entries()) if (count > (last[i] ?? 0)) asked[i]?.push(slot);
    last = counts;
    await sleep(ASK_EVERY_MS);
  }
  return asked.map((slots) => [...slots, WATCHED_SLOTS]);
}

const longestGap = (slots: readonly number[]): number =>
  Math.max(...slots.map((slot, i) => slot - (slots[i - 1] ?? slot)));

async function killHealthy(ctx: Context, healthy: readonly ZakoProcess[], { inbox }: Receiver): Promise<void> {
  const killedAt = Date.now();
  await Promise.all(healthy.map((zako) => zako.kill()));
  const paged = () => firingOf(inbox.entries, HEALTHY);
  await ctx.until("their outage pages", () => paged().size === HEALTHY.length, PAGE_BOUND_MS + 10_000).catch(() => {});
  const received = receivedByTarget(inbox.entries, HEALTHY);
  for (const name of HEALTHY) {
    const afterMs = (received.get(name)?.[0]?.at ?? Number.POSITIVE_INFINITY) - killedAt;
    ctx.check(`${name} is paged for when it is killed`, afterMs <= PAGE_BOUND_MS, `after ${seconds(afterMs)} s`);
  }
}
