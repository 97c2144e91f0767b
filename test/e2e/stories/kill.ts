import { setTimeout as sleep } from "node:timers/promises";
import { setFault, state } from "../../zako-control.ts";
import { CounterLaw, type Scrape } from "../metrics.ts";
import { signal } from "../processes.ts";
import type { Context, Story } from "../story.ts";
import { GRID_S, tickAfter } from "../ticks.ts";

/** Where in a tick the Worker is killed: how long after its first call is in flight. */
const KILLS_MS = [0, 500, 1_000, 0];

/** Longer than two slots, so that at least one is missed. */
const FROZEN_MS = 25_000;

/** The Worker is killed without a chance to say a word, in the middle of its ticks. */
export const kill: Story = {
  name: "kill",
  async run(ctx) {
    const product = await ctx.startProduct();
    const law = new CounterLaw();
    const stop = new AbortController();
    ctx.defer(() => stop.abort());
    const watching = watch(() => product.scrape(), law, stop.signal);
    await tickAfter(ctx, product, 0);
    // Makes ticks last about four seconds without making any probe fail.
    await setFault(product.controlUrl, "latency", { ms: 1_200 }, { method: "transport.Download" });
    const first = await tickAfter(ctx, product, (await product.scrape()).lastSlot);

    let seen = first;
    for (const delayMs of KILLS_MS) {
      const inFlightNow = async (): Promise<number> => (await state(product.controlUrl)).calls.inFlight;
      // A call of another probe may be over by then: it is killed only where one is still in flight.
      const inFlight = await ctx.until("calls in flight", async () => {
        if ((await inFlightNow()) === 0) return 0;
        await sleep(delayMs);
        return inFlightNow();
      });
      signal(product.workerPid(), "SIGKILL");
      const before = seen.lastSlot;
      seen = await tickAfter(ctx, product, before, 60_000);
      const slots = (seen.lastSlot - before) / GRID_S;
      const ok = inFlight > 0 && slots <= 2;
      const what = `killed ${delayMs} ms into a tick, it comes back by itself`;
      ctx.check(what, ok, `${inFlight} calls were in flight; slot ${slots} after the last was the next to be run`);
    }

    const frozen = product.workerPid();
    signal(frozen, "SIGSTOP");
    await sleep(FROZEN_MS);
    signal(frozen, "SIGKILL");
    // A slot that had begun when the Worker froze is run again and misses nothing: the one after it says what was missed.
    const killedInSlot = Math.floor(Date.now() / 1000 / GRID_S) * GRID_S;
    const before = seen;
    seen = await tickAfter(ctx, product, killedInSlot - GRID_S, 60_000);
    const missed = seen.sum("zako_watch_missed_slots_total") - before.sum("zako_watch_missed_slots_total");
    ctx.check("frozen for 25 s and killed, it counts the slots that it missed", missed >= 1, `${missed} missed`);
    // One more tick, so that something was counted on top of what was restored.
    const last = await tickAfter(ctx, product, seen.lastSlot);
    stop.abort();
    await watching;
    law.see(last);
    ctx.check(
      "no counter went down or vanished",
      law.breaks.length === 0,
      law.breaks.slice(0, 5).join("\n") || `${law.scrapes} scrapes of ${last.counters.size} series`,
    );
    account(ctx, first, last);
    const { status } = await fetch(new URL("/healthz", product.url));
    ctx.check("/healthz is ok", status === 200, status);
  },
};

/** Every slot was run once or is counted as missed. Holds only without confirmations, which are ticks of their own. */
function account(ctx: Context, first: Scrape, last: Scrape): void {
  const grew = (name: string, labels = {}): number => last.sum(name, labels) - first.sum(name, labels);
  const elapsed = (last.lastSlot - first.lastSlot) / GRID_S;
  const ran = grew("zako_watch_ticks_total");
  const missed = grew("zako_watch_missed_slots_total");
  const failures = grew("zako_v1_probe_failures_total");
  ctx.check("a killed tick is no failure", failures === 0, failures);
  ctx.check("every slot was run once or counted as a gap", ran + missed === elapsed, { elapsed, ran, missed });
  for (const target of last.targets) {
    const attempts = grew("zako_v1_probe_attempts_total", { target, probe: "health" });
    ctx.check(`${target} was asked once per slot that ran`, attempts === ran, { attempts, ran });
  }
}

async function watch(scrape: () => Promise<Scrape>, law: CounterLaw, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // While the Worker is dead there is nothing to see.
    const seen = await scrape().catch(() => undefined);
    if (seen !== undefined) law.see(seen);
    await sleep(400, undefined, { signal }).catch(() => {});
  }
}
