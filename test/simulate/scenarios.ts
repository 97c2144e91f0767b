import type { Scenario } from "./scenario.ts";
import { SERVERS } from "./scenarios/servers.ts";

/** All scenarios. */
export const SCENARIOS: readonly Scenario[] = [...SERVERS];
