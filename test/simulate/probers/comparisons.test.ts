import { expect, it } from "vitest";
import { play } from "../play.ts";
import { SCENARIOS } from "../scenarios.ts";

it.each([
  ["naive", "corrupt"],
  ["prometheus", "refused"],
] as const)("the %s prober is believed when it says that an outage is over: %s", async (prober, name) => {
  const scenario = SCENARIOS.find((one) => one.name === name) ?? expect.unreachable("the scenario exists");
  const { ledger } = await play(scenario, prober, 1, 0.5);
  expect(ledger.outages).toBeGreaterThan(5);
  expect(ledger.unresolved).toBe(0);
});
