import { describe, expect, it } from "vitest";
import type { PushBatch } from "../../functions/model/probing/push.ts";
import { takeLedger } from "./ledger.ts";
import { DENSE, Script } from "./script.ts";
import { compiled, documentOf } from "./watch-config.ts";
import { StoredDatabase } from "./world/d1.ts";
import type { PlatformLaws } from "./world/platform.ts";
import { Random } from "./world/random.ts";
import { HOUR, MINUTE, START, World, ZakoWatch } from "./world/world.ts";
import { hangs, refused } from "./zako/fault.ts";

/** A day with `LAW_HOURS=24`; days of each object by itself are in test/monitor/wake-handler.test.ts and test/alerter/alerter-day.test.ts. */
const HOURS = Number(process.env["LAW_HOURS"] ?? 5);
/** In the last of them nothing new happens, so that all can end. */
const TAIL_HOURS = 1.5;
/** What the platform leaves an idle object in memory. */
const IDLE_MS = 10_000;

/** One target that is probed, rechecked and pushed for; everybody is notified, and a heartbeat is sent. */
function watched() {
  const document = documentOf({ targets: 1, keys: { push: { secret: "PUSH_TOKEN" } } });
  const notify = { ...document.notify, heartbeats: [{ name: "deadman", url: "DEADMAN_URL" }] };
  return compiled({ ...document, notify });
}

const EMPTY_PUSH: PushBatch = { signal: "metrics", metrics: [], rejected: {}, passed: 1 };

/** Plays hours of outages, with receivers that are down for a while and pushes each minute. */
async function playHours(laws: PlatformLaws) {
  const world = new World(watched(), 7, { ...laws, idleMs: IDLE_MS });
  const database = new StoredDatabase(world.clock);
  world.database = database;
  const watcher = new ZakoWatch(world);
  const slots = new Map<number, number>();
  watcher.onEvent = (event) => {
    if (event.event === "tick" && event.attempt === 0) slots.set(event.slot, (slots.get(event.slot) ?? 0) + 1);
  };
  const script = new Script(world, watcher, new Random(7), (HOURS - TAIL_HOURS) * HOUR);
  script.wakeOnce();
  script.outages("zako-0", DENSE, { refused, hangs });
  for (const atHours of [1, 3, 7, 11]) script.receiver("oncall", atHours * HOUR, 15 * MINUTE, { kind: "down" });
  let stored = 0;
  const push = (at: number): void =>
    void world.clock.plan(at, () => {
      void watcher.pushTo("zako-0", EMPTY_PUSH).then(({ kind }) => {
        if (kind === "stored") stored++;
      });
      push(at + MINUTE);
    });
  push(START + 2 * MINUTE + 33_000);
  await world.clock.runUntil(START + HOURS * HOUR);
  const ledger = takeLedger({
    truth: world.truth,
    inbox: world.receivers.inbox,
    targets: script.allTargets(),
    incidents: [...world.database.incidents.values()],
    endAt: START + HOURS * HOUR,
    lateMs: 0,
  });
  const played = {
    ledger,
    open: [...world.database.incidents.values()].filter(({ closedAt }) => closedAt === undefined),
    slots,
    stored,
    beats: world.receivers.beats,
    idleness: watcher.idleness(),
    hours: database.hours(),
    errors: watcher.errors().filter((error) => !error.startsWith("intake: ")),
  };
  watcher.close();
  database.close();
  return played;
}

const CRONS: readonly [who: string, laws: PlatformLaws][] = [
  ["crons that are always punctual", { cronLateMs: 40 }],
  ["no cron at all", { cronMissed: 1 }],
  ["crons that all come twice", { cronDoubled: 1 }],
];

/**
 * The laws of the platform (docs/architecture.md): nothing outlives its work, what must happen each minute hangs
 * on the committed tick, and whoever is evicted between two ticks goes on where it was.
 */
describe.each(CRONS)("some hours of %s, with every object evicted after 10 s without work", (_, laws) => {
  it("loses no slot, no page, no heartbeat, no push and no hour", { timeout: 300_000 }, async () => {
    const { ledger, open, slots, stored, beats, idleness, hours, errors } = await playHours(laws);
    const minutes = HOURS * 60;
    // Nothing outlives its work: a pending timer would have kept an object in memory, and on the bill.
    expect(idleness.keptAwake).toBe(0);
    expect(idleness.evictions).toBeGreaterThan(minutes);
    expect([...slots.values()].filter((runs) => runs !== 1)).toEqual([]);
    expect(slots.size).toBeGreaterThanOrEqual(minutes - 2);
    expect(beats).toBeGreaterThanOrEqual(0.95 * minutes);
    expect(stored).toBeGreaterThanOrEqual(minutes - 3);
    expect(hours.slice(1, -2).filter((hour) => hour.slots !== 60)).toEqual([]);
    expect(hours.length).toBeGreaterThanOrEqual(HOURS - 2);
    const { missed, falsePages, falseWarnings, notifiedAfterMend, outages } = ledger;
    expect({ missed, falsePages, falseWarnings, notifiedAfterMend }).toEqual({
      missed: 0,
      falsePages: 0,
      falseWarnings: 0,
      notifiedAfterMend: 0,
    });
    expect(outages).toBeGreaterThanOrEqual(2);
    expect(open).toEqual([]);
    expect(errors).toEqual([]);
  });
});
