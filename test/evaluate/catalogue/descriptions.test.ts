import { expect, it } from "vitest";
import { CATALOGUE } from "../../../functions/config/rules/catalogue.ts";
import { MINUTE_MS } from "../../../functions/lib/time-units.ts";

const worded = CATALOGUE.flatMap((rule) => {
  const minutes = / within (\d+) minutes/.exec(rule.description)?.[1];
  return minutes === undefined ? [] : [[rule.name, Number(minutes), rule] as const];
});

it("many rules say over what time they look", () => expect(worded.length).toBeGreaterThan(10));

it.each(worded)("%s looks at the %i minutes that its description names", (_, minutes, rule) => {
  expect("windowMs" in rule.condition && rule.condition.windowMs).toBe(minutes * MINUTE_MS);
});
