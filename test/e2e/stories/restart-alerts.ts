import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { localNotify, localNotifySecrets } from "../../../functions/cli/start/local-notify.ts";
import { RECEIVER_KEY } from "../../receiver/receiver-key.ts";
import { startReceiver } from "../../receiver/server.ts";
import { startZako } from "../../zako/server.ts";
import { clearFaults, setFault } from "../../zako-control.ts";
import { type Entry, stateOf } from "../messages.ts";
import { signal } from "../processes.ts";
import { freePort, type Product } from "../product.ts";
import type { Story } from "../story.ts";
import { tickAfter } from "../ticks.ts";

const PATHS = ["/services/T0/B0/local", "/emails", "/v2/enqueue", "/webhook"];

/** Everything is restarted while an alert fires and while it ends, and each person is told once. */
export const restartAlerts: Story = {
  name: "restart-alerts",
  async run(ctx) {
    const zako = await startZako();
    const receiver = await startReceiver();
    ctx.defer(() => Promise.all([zako.close(), receiver.close()]));
    const local = { url: receiver.url, webhookKey: RECEIVER_KEY };
    const port = String(await freePort());
    const config = join(ctx.scratch, "watch.yaml");
    writeFileSync(
      config,
      `installation: restarts
external_url: http://127.0.0.1:${port}
defaults: { probes: { ${["cas.details", "cas.negotiate", "transport.download", "transport.upload", "transport.journey"].map((kind) => `${kind}: false`).join(", ")} } }
targets: [{ name: zako, cas: ${zako.url}, probes: { health: { interval: 10s, timeout: 4s } } }]
${localNotify(local)}`,
    );
    const project = ctx.project();
    const start = (): Promise<Product> =>
      ctx.startProduct({ project, args: ["--config", config], env: { PORT: port, ...localNotifySecrets(local) } });
    const of = (state: string): Entry[] => receiver.inbox.entries.filter((one) => stateOf(one) === state);
    const all = (state: string): boolean => PATHS.every((path) => of(state).some((one) => one.path === path));

    const killWorker = (): void => signal(product.workerPid(), "SIGKILL");
    let product = await start();
    await tickAfter(ctx, product, 0);
    await setFault(zako.controlUrl, "health-not-serving");
    await ctx.until("all are told", () => all("firing"));
    // A try whose answer is not stored yet may be made again: that is what the house calls uncertain.
    await ctx.until("and it knows", async () => (await product.scrape()).sum("zako_watch_outbox_backlog") === 0);
    await product.stop();
    product = await start();
    let seen = await tickAfter(ctx, product, (await product.scrape()).lastSlot);
    killWorker();
    seen = await tickAfter(ctx, product, seen.lastSlot, 60_000);
    const again = counts(of("firing"));
    ctx.check("a restart while it fires tells nobody again", isOnce(again), again);

    await clearFaults(zako.controlUrl);
    await ctx.until("the first hears of the end", () => of("resolved").length > 0, 90_000);
    killWorker();
    await ctx.until("all hear of the end", () => all("resolved"), 60_000);
    await product.stop();
    product = await start();
    seen = await tickAfter(ctx, product, (await product.scrape()).lastSlot);
    await tickAfter(ctx, product, seen.lastSlot);
    ctx.check("each was told once that it fires", isOnce(counts(of("firing"))), counts(of("firing")));
    const ends = counts(of("resolved"));
    ctx.check("and once that it is over, but where the kill left a try uncertain", isOnce(ends, 2), ends);
    const bad = receiver.inbox.entries.filter(({ problems }) => problems.length > 0);
    ctx.check(
      "every receiver takes what it is sent",
      bad.length === 0,
      bad.map(({ problems }) => problems),
    );
  },
};

/** Messages by receiver that were news to it: one that it knows by its key is no second one. */
function counts(entries: readonly Entry[]): Record<string, number> {
  const news = entries.filter(({ repeat }) => !repeat);
  return Object.fromEntries(PATHS.map((path) => [path, news.filter((one) => one.path === path).length]));
}

const isOnce = (all: Record<string, number>, most = 1): boolean => Object.values(all).every((n) => n >= 1 && n <= most);
