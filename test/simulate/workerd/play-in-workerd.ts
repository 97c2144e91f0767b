import type { Incident } from "../../../functions/model/alerting/incident.ts";
import { takeLedger } from "../ledger.ts";
import { play, runScript, worldOf } from "../play.ts";
import type { Scenario } from "../scenario.ts";
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

/** Plays one script in the simulator and inside workerd, and compares the ledgers. */
export async function compareWorlds(scenario: Scenario, seed: number, days: number): Promise<Compared> {
  const { broken, ledger, source } = await play(scenario, "zako-watch", seed, days);
  const simulator: Side = { name: "simulator", ledger, source };
  const { side, errors, ticks, realMs } = await playInWorkerd(scenario, seed, days);
  return {
    lines: [
      ...printSides(simulator, side),
      `${ticks} ticks in workerd in ${(realMs / 1000).toFixed(0)} s, ${(realMs / ticks).toFixed(0)} ms each`,
    ],
    broken: [...broken, ...differences(simulator, side), ...errors.map((error) => `logged in workerd: ${error}`)],
  };
}

async function playInWorkerd(scenario: Scenario, seed: number, days: number) {
  const world = worldOf(scenario, seed);
  const watch = await WorkerdWatch.start(world);
  const beganAt = performance.now();
  try {
    const course = await runScript(scenario, world, watch, seed, days);
    const source = { ...course, incidents: (await watch.incidents()).map(incidentOf) };
    const side: Side = { name: "workerd", ledger: takeLedger(source), source };
    return { side, errors: watch.errors(), ticks: watch.ticks(), realMs: performance.now() - beganAt };
  } finally {
    await watch.end();
  }
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
