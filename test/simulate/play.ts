import { type Ledger, type LedgerSource, takeLedger } from "./ledger.ts";
import { NaiveWatcher } from "./probers/naive.ts";
import { PrometheusWatcher } from "./probers/prometheus.ts";
import type { Bounds, Scenario } from "./scenario.ts";
import { Script } from "./script.ts";
import { Random } from "./world/random.ts";
import { DAY, HOUR, START, type Watcher, World, ZakoWatch } from "./world/world.ts";

export const PROBERS = ["zako-watch", "naive", "prometheus"] as const;
export type Prober = (typeof PROBERS)[number];

/** A scenario as it was played by one prober. */
export interface Played {
  /** Its name. */
  scenario: string;
  prober: Prober;
  seed: number;
  days: number;
  ledger: Ledger;
  rowsWritten: number;
  ticks: number;
  cpuMsPerTick: number;
  /** Laws and bounds that were broken, in words. */
  broken: string[];
}

/** After the last outage nothing happens for so long, so that all that is owed can be told. */
const TAIL_HOURS = 7;

/** Plays a scenario. */
export async function play(scenario: Scenario, prober: Prober, seed: number, days: number): Promise<Played> {
  const world = worldOf(scenario, seed);
  const watcher = watcherOf(prober, world);
  const before = process.threadCpuUsage();
  const course = await runScript(scenario, world, watcher, seed, days);
  const { user, system } = process.threadCpuUsage(before);
  const ledger = takeLedger({ ...course, incidents: [...world.database.incidents.values()] });
  const ticks = watcher.ticks();
  const played: Played = {
    scenario: scenario.name,
    prober,
    seed,
    days,
    ledger,
    rowsWritten: watcher.rowsWritten(),
    ticks,
    cpuMsPerTick: (user + system) / 1000 / Math.max(1, ticks),
    broken: [],
  };
  if (prober === "zako-watch") played.broken = [...brokenBy(ledger, scenario.bounds), ...faultsOf(watcher)];
  watcher.close();
  return played;
}

/** The world of a scenario, in which nothing has happened yet. */
export function worldOf(scenario: Scenario, seed: number): World {
  const world = new World(scenario.config(), seed, scenario.laws ?? {});
  world.offers = scenario.offers ?? "upstream";
  return world;
}

/** Lets everything happen that a scenario has in so many days, and what comes of it. Returns what the ledger needs of it. */
export async function runScript(
  scenario: Scenario,
  world: World,
  watcher: Watcher,
  seed: number,
  days: number,
): Promise<Omit<LedgerSource, "incidents">> {
  const lengthMs = days * DAY;
  const script = new Script(world, watcher, new Random(seed * 7_919 + 17), lengthMs);
  scenario.play(script);
  const endAt = START + lengthMs + (scenario.tailHours ?? TAIL_HOURS) * HOUR;
  await world.clock.runUntil(endAt);
  const { alarmLateMs = 0, cronLateMs = 0 } = world.laws;
  return {
    truth: world.truth,
    inbox: world.receivers.inbox,
    targets: script.allTargets(),
    endAt,
    lateMs: Math.max(alarmLateMs, cronLateMs),
  };
}

function watcherOf(prober: Prober, world: World): Watcher {
  switch (prober) {
    case "zako-watch":
      return new ZakoWatch(world);
    case "naive":
      return new NaiveWatcher(world);
    case "prometheus":
      return new PrometheusWatcher(world);
  }
}

/** The first errors that it logged. What refusals of an older generation log is no fault. */
export const faultsOf = (watcher: Watcher): string[] =>
  watcher
    .errors()
    .filter((error) => !/^intake: (old_generation|unknown_shard)/.test(error))
    .slice(0, 3);

/** A recheck of 15 s and a run. */
const END_ERROR_MS = 25_000;

/** What a scenario promises and does not keep, in words. */
export function brokenBy(ledger: Ledger, bounds: Bounds): string[] {
  const broken: string[] = [];
  const none = [
    "missed",
    "falsePages",
    "falseWarnings",
    "unresolved",
    "notifiedAfterMend",
    "escalationsAfterMend",
    "escalationsMissed",
    "doubled",
  ] as const;
  for (const name of none) if (ledger[name] > 0) broken.push(`${name}: ${ledger[name]}`);
  const within = (name: string, value: number, bound: number): void => {
    if (value > bound) broken.push(`${name}: ${value} is above ${bound}`);
  };
  within("detection P99, ms", ledger.detection.p99Ms, bounds.detectionMs);
  within("first detection, ms", ledger.detection.firstMs, bounds.firstMs ?? Number.POSITIVE_INFINITY);
  within("over told P99, ms", ledger.over.p99Ms, bounds.overMs);
  within("duration error P99, ms", ledger.durationError.p99Ms, bounds.durationErrorMs);
  within("end error P99, ms", ledger.endError.p99Ms, bounds.endErrorMs ?? END_ERROR_MS);
  within("messages of an outage", ledger.mostMessages, bounds.messages ?? 2);
  return broken;
}
