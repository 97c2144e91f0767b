import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { clearFaults, setFault } from "../../zako-control.ts";
import { type Entry, messagesAt, pagesAt, stateOf, textOf } from "../messages.ts";
import type { Product } from "../product.ts";
import type { Context, Story } from "../story.ts";
import { tickAfter } from "../ticks.ts";

const TARGETS = ["zako-web", "zako-connect", "zako-grpc"];
/** Targets that somebody takes on at once; the other is taken on after it has escalated. */
const TAKEN = ["zako-web", "zako-grpc"];
const LEFT = "zako-connect";
const CHANNELS = ["slack", "email", "pagerduty", "webhook"] as const;
const DOWN = "ZakoTargetDown";
const ESCALATION_S = 25;
/** One interval, two deadlines, and 5 s: the house's promise for a first page. */
const PROMISED_MS = 10_000 + 2 * 5_000 + 5_000;

interface Webhook {
  alerts: { labels: Record<string, string>; fingerprint: string; status: string }[];
}

/** Zako breaks, people are notified, somebody acts, Zako is mended, and all who were notified hear of it. */
export const alerts: Story = {
  name: "alerts",
  async run(ctx) {
    const product = await ctx.startProduct();
    const receiver = /^ +messages +(http:\S+?):? /.exec(await product.child.line(/^ +messages +http/))?.[1] ?? "";
    const first = await tickAfter(ctx, product, 0);
    const edited = readFileSync(product.config, "utf8").replace("after: 2m", `after: ${ESCALATION_S}s`);
    writeFileSync(product.config, edited);
    await ctx.until("the edit is in force", async () => (await product.scrape()).config !== first.config, 60_000);
    await tickAfter(ctx, product, (await product.scrape()).lastSlot);
    ctx.check("nobody is notified of anything while all is well", (await messagesAt(receiver)).length === 0, "");

    const brokenAt = Date.now();
    await setFault(product.controlUrl, "rpc", { code: "unavailable" }, { method: "health.Check" });
    const tells = (entry: Entry): boolean => TARGETS.some((name) => textOf(entry).includes(name));
    const notified = await ctx.until("every channel tells of every target", async () => {
      const all = (await messagesAt(receiver)).filter((entry) => stateOf(entry) === "firing" && tells(entry));
      return CHANNELS.every((channel) =>
        TARGETS.every((name) => all.some((one) => one.channel === channel && textOf(one).includes(name))),
      )
        ? all
        : undefined;
    });
    const [page] = notified.filter(({ channel }) => channel === "pagerduty");
    const tookMs = (page?.at ?? 0) - brokenAt;
    ctx.check("the first page comes within the time that is promised", tookMs <= PROMISED_MS, `${tookMs} ms`);
    const bad = notified.filter(({ problems }) => problems.length > 0);
    ctx.check(
      "every receiver takes what it is sent",
      bad.length === 0,
      bad.map(({ problems }) => problems),
    );
    const words = ["the server answered unavailable", "/runbooks/target-down", "/silences/new", "UTC"];
    const mute = notified.filter(
      (one) => one.channel !== "webhook" && !words.every((word) => textOf(one).includes(word)),
    );
    ctx.check("each says why, since when, and where to read on and to silence it", mute.length === 0, mute.slice(0, 1));
    for (const path of ["/runbooks/target-down", "/targets/zako-web", "/silences/new", "/alerts"]) {
      const { status } = await fetch(new URL(path, product.url));
      ctx.check(`the link to ${path} leads somewhere`, status === 200, status);
    }

    const down = await downAlerts(receiver);
    for (const name of TAKEN) cli(ctx, product, "ack", down.get(name) ?? "", "--author", "e2e");
    await ctx.until("people read that two of three are acknowledged", async () =>
      (await messagesAt(receiver)).some(({ channel, body }) => {
        const said = channel === "slack" ? JSON.stringify(body) : "";
        return said.includes("[ACKNOWLEDGED 2 of 3]") && said.includes(`Not acknowledged: ${LEFT}.`);
      }),
    );
    const [shared] = await pagesAt(receiver);
    ctx.check("PagerDuty's incident is not, as nobody has taken all of it on", shared?.state === "triggered", shared);
    const managed = (): Promise<Entry[]> =>
      messagesAt(receiver).then((all) => all.filter(({ path }) => path === "/webhook/manager"));
    await ctx.until("what nobody took on is escalated", async () => (await managed()).length > 0, 60_000);
    await sleep(ESCALATION_S * 1_000);
    const escalated = new Set(
      (await managed()).flatMap(({ body }) => (body as Webhook).alerts.map(({ labels }) => labels["target"] ?? "")),
    );
    ctx.check("only that is", [...escalated].join() === LEFT, [...escalated]);
    cli(ctx, product, "ack", down.get(LEFT) ?? "", "--author", "e2e");
    await ctx.until("PagerDuty shows it as acknowledged", async () =>
      (await pagesAt(receiver)).some(({ state }) => state === "acknowledged"),
    );
    const pages = await pagesAt(receiver);
    ctx.check(
      "one cause was one page, which names every target",
      pages.length === 1 && TARGETS.every((name) => pages[0]?.summary.includes(name)),
      pages.map(({ summary, events }) => `${summary} (${events} events)`),
    );

    await clearFaults(product.controlUrl);
    await ctx.until(
      "every page is resolved",
      async () => (await pagesAt(receiver)).every(({ state }) => state === "resolved"),
      90_000,
    );
    await ctx.until("every receiver that was notified hears of the end", async () => {
      const ends = (await messagesAt(receiver)).filter((one) => stateOf(one) === "resolved");
      const received = (path: string, name: string): boolean =>
        ends.some((one) => one.path === path && textOf(one).includes(name));
      return (
        ["/services/T0/B0/local", "/emails", "/webhook"].every((path) =>
          TARGETS.every((name) => received(path, name)),
        ) && received("/webhook/manager", LEFT)
      );
    });
    ctx.check("every channel tells of the end to whom it notified of the beginning", true, "");
    const listed = cli(ctx, product, "incidents");
    ctx.check(
      "the incidents are on record",
      TARGETS.every((name) => listed.includes(name)),
      listed.slice(0, 400),
    );
  },
};

/** Fingerprints of the alerts that say that a target is down, by target. */
async function downAlerts(receiver: string): Promise<Map<string, string>> {
  const hooks = (await messagesAt(receiver)).filter(({ path }) => path === "/webhook");
  const all = hooks.flatMap(({ body }) => (body as Webhook).alerts);
  return new Map(
    all
      .filter(({ labels }) => labels["alertname"] === DOWN)
      .map((one) => [one.labels["target"] ?? "", one.fingerprint]),
  );
}

/** Runs a command of ours against the product; a failed one is a failed check. */
function cli(ctx: Context, product: Product, ...args: string[]): string {
  const done = spawnSync("npm", ["run", "-s", "cli", "--", ...args], {
    cwd: product.project,
    encoding: "utf8",
    env: { ...process.env, ZAKO_WATCH_URL: product.url },
  });
  const said = `${done.stdout}${done.stderr}`.trim();
  ctx.check(`${args[0]} works`, done.status === 0, said.split("\n").slice(0, 3).join("\n"));
  return said;
}
