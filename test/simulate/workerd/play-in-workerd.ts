import type { Incident } from "../../../functions/model/alerting/incident.ts";
import { type LedgerSource, takeLedger } from "../ledger.ts";
import { brokenBy, faultsOf, runScript, worldOf } from "../play.ts";
import type { Scenario } from "../scenario.ts";
import { type Watcher, ZakoWatch } from "../world/world.ts";
import { differences } from "./compare.ts";
import { printSides } from "./print-sides.ts";
import type { Side } from "./side.ts";
import type { IncidentRow } from "./step.ts";
import { WorkerdWatch } from "./workerd-watch.ts";

/** What two worlds made of one script. */
export interface Compared {
  /** Both ledgers side by side. */
  lines: string[];
  /** In what they differ, what broke a law, and what was logged as an error. */
  broken: string[];
}

/** One world's part of it. */
interface PlayedSide {
  side: Side;
  /** Laws and bounds that were broken, and errors that were logged, in words. */
  broken: string[];
  ticks: number;
}

/** Plays one script in the simulator and inside workerd, and compares the ledgers. */
export async function compareWorlds(scenario: Scenario, seed: number, days: number): Promise<Compared> {
  const simulator = await playInSimulator(scenario, seed, days);
  const beganAt = performance.now();
  const workerd = await playInWorkerd(scenario, seed, days);
  const realMs = performance.now() - beganAt;
  const { ticks } = workerd;
  return {
    lines: [
      ...printSides(simulator.side, workerd.side),
      `${ticks} ticks in workerd in ${(realMs / 1000).toFixed(0)} s, ${(realMs / ticks).toFixed(0)} ms each`,
    ],
    broken: [...simulator.broken, ...workerd.broken, ...differences(simulator.side, workerd.side)],
  };
}

async function playInSimulator(scenario: Scenario, seed: number, days: number): Promise<PlayedSide> {
  const world = worldOf(scenario, seed);
  const watch = new ZakoWatch(world);
  const course = await runScript(scenario, world, watch, seed, days);
  watch.close();
  return judged("simulator", scenario, watch, { ...course, incidents: [...world.database.incidents.values()] });
}

async function playInWorkerd(scenario: Scenario, seed: number, days: number): Promise<PlayedSide> {
  const world = worldOf(scenario, seed);
  const watch = await WorkerdWatch.start(world);
  try {
    const course = await runScript(scenario, world, watch, seed, days);
    return judged("workerd", scenario, watch, { ...course, incidents: (await watch.incidents()).map(incidentOf) });
  } finally {
    await watch.end();
  }
}

function judged(name: string, { bounds }: Scenario, watch: Watcher, source: LedgerSource): PlayedSide {
  const ledger = takeLedger(source);
  const broken = [...brokenBy(ledger, bounds), ...faultsOf(watch)].map((why) => `${name}: ${why}`);
  return { side: { name, source, ledger }, broken, ticks: watch.ticks() };
}

/** D1 keeps the end in seconds. */
const incidentOf = ({ target, opened_ms, closed }: IncidentRow): Incident => ({
  id: `${target}@${opened_ms}`,
  target,
  state: "down",
  openedAt: opened_ms,
  ...(closed === null ? {} : { closedAt: closed * 1_000 }),
  causes: [],
});
