import type { Incident } from "../../../functions/model/alerting/incident.ts";
import { takeLedger } from "../ledger.ts";
import { runScript, worldOf } from "../play.ts";
import type { Scenario } from "../scenario.ts";
import type { IncidentRow } from "./step.ts";
import { WorkerdWatch } from "./workerd-watch.ts";

/** Plays a scenario with the product inside workerd. */
export async function playInWorkerd(scenario: Scenario, seed: number, days: number) {
  const world = worldOf(scenario, seed);
  const watch = await WorkerdWatch.start(world);
  try {
    const course = await runScript(scenario, world, watch, seed, days);
    const incidents = (await watch.incidents()).map(incidentOf);
    return {
      course,
      incidents,
      ledger: takeLedger({ ...course, incidents }),
      errors: watch.errors(),
      ticks: watch.ticks(),
    };
  } finally {
    await watch.end();
  }
}

const incidentOf = ({ target, opened_ms, closed }: IncidentRow): Incident => ({
  id: `${target}@${opened_ms}`,
  target,
  state: "down",
  openedAt: opened_ms,
  ...(closed === null ? {} : { closedAt: closed * 1_000 }),
  causes: [],
});
