import { KEPT_SCENARIOS } from "./kept.ts";
import type { Scenario } from "./scenario.ts";
import { NETWORKS } from "./scenarios/networks.ts";
import { PEOPLE } from "./scenarios/people.ts";
import { PLATFORM } from "./scenarios/platform.ts";
import { RECEIVING } from "./scenarios/receiving.ts";
import { SERVERS } from "./scenarios/servers.ts";
import { YEARS } from "./scenarios/years.ts";

/** All scenarios. */
export const SCENARIOS: readonly Scenario[] = [
  ...SERVERS,
  ...NETWORKS,
  ...PLATFORM,
  ...PEOPLE,
  ...RECEIVING,
  ...YEARS,
  ...KEPT_SCENARIOS,
];
