import { PRICES } from "../../../functions/config/cost/prices.ts";
import type { Config } from "../../../functions/model/config.ts";
import { StoredDatabase } from "../world/d1.ts";
import { type Invocation, Meter } from "../world/meter.ts";
import { HOUR, MINUTE, START, World, ZakoWatch } from "../world/world.ts";
import { type Fault, hangs } from "../zako/fault.ts";
import type { Offers } from "../zako/zako.ts";
import type { CountedUsage } from "./counted-usage.ts";

/** A played configuration: so many healthy hours, and one in which every call hangs. */
export interface CountedWorld {
  hours: number;
  healthy: CountedUsage;
  outageHour: CountedUsage;
  /** The hour after the outage: its messages, and all that is due at once. */
  hourAfter: CountedUsage;
  /** Size of history after the healthy hours, bytes. */
  historyBytes: number;
}

/** How a configuration is played. */
export interface Counting {
  /** Healthy hours that are counted, after one in which everything runs for the first time. */
  hours: number;
  offers?: Offers;
  scrapesPerMinute?: number;
  seed?: number;
  /** How long a good run of a kind takes, ms; left out: as on loopback. */
  runMs?: (kind: string) => number;
}

/** Plays a configuration on the simulated platform and counts what it uses. */
export async function countUsage(
  config: Config,
  { hours, offers, scrapesPerMinute = 0, seed = 1, runMs }: Counting,
): Promise<CountedWorld> {
  const world = new World(config, seed, {});
  world.offers = offers ?? "upstream";
  if (runMs !== undefined) world.runMs = runMs;
  const meter = new Meter(world.clock);
  world.meter = meter;
  const database = new StoredDatabase(world.clock);
  world.database = database;
  const watcher = new ZakoWatch(world);
  if (scrapesPerMinute > 0) scrape(world, watcher, MINUTE / scrapesPerMinute);
  let before = { rows: 0, d1: 0 };
  const count = (): CountedUsage => {
    const { objectSeconds, ...sums } = meter.take();
    const { monitors, alerter } = watcher.objectRows();
    const now = { rows: monitors + alerter, d1: database.rowsChanged };
    const used: CountedUsage = {
      ...sums,
      objectGbSeconds: objectSeconds * PRICES.objectGb,
      objectRowsWritten: now.rows - before.rows,
      d1RowsWritten: now.d1 - before.d1,
      most: mostOf(meter.invocations.splice(0)),
    };
    before = now;
    return used;
  };
  await world.clock.runUntil(START + HOUR);
  count();
  await world.clock.runUntil(START + (1 + hours) * HOUR);
  const healthy = count();
  const historyBytes = database.sizeBytes;
  const all: Fault = (ask) => hangs(ask);
  world.network.add(all);
  await world.clock.runUntil(START + (2 + hours) * HOUR);
  const outageHour = count();
  world.network.delete(all);
  await world.clock.runUntil(START + (3 + hours) * HOUR);
  const hourAfter = count();
  watcher.close();
  database.close();
  return { hours, healthy, outageHour, hourAfter, historyBytes };
}

function scrape(world: World, watcher: ZakoWatch, everyMs: number): void {
  const next = (at: number): void =>
    void world.clock.plan(at, () => {
      void watcher.scrape().catch(() => {});
      next(at + everyMs);
    });
  next(START + MINUTE + everyMs / 2);
}

function mostOf(invocations: readonly Invocation[]): CountedUsage["most"] {
  const most = { tick: 0, confirmations: 0, rechecks: 0, alerter: 0 };
  for (const { role, attempts, calls, parent } of invocations) {
    if (role === "alerter") most.alerter = Math.max(most.alerter, calls);
    if (role !== "monitor" && role !== "prober") continue;
    // A prober's runs belong to what its Monitor was doing.
    const made = role === "prober" ? (parent?.attempts ?? []) : attempts;
    const kind = made.includes(0) ? "tick" : made.includes(1) ? "confirmations" : "rechecks";
    most[kind] = Math.max(most[kind], calls);
  }
  return most;
}
