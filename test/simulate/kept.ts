import { type Happening, scenarioOf } from "./random-script.ts";
import type { Scenario } from "./scenario.ts";

/** Random scripts that once broke a law, shrunk to what they needed for it. */
const KEPT: readonly { name: string; about: string; hours: number; happenings: readonly Happening[] }[] = [];

export const KEPT_SCENARIOS: readonly Scenario[] = KEPT.map(({ name, about, happenings, hours }) =>
  scenarioOf(`kept-${name}`, about, happenings, hours),
);
