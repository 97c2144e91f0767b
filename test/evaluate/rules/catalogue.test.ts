import { expect, test } from "vitest";
import { CATALOGUE } from "../../../functions/config/rules/catalogue.ts";
import { SHARED_RULES } from "../../../functions/evaluate/catalogue/registry.ts";
import { readsOf } from "../../../functions/evaluate/rules/condition.ts";
import { shownFamilies } from "../../../functions/model/families/shown-families.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { describeRule } from "./describe-rule.ts";
import { STORIES } from "./stories.ts";

test("every rule that no kind of probe brings has its story, and there are no others", () => {
  expect(Object.keys(STORIES)).toEqual(SHARED_RULES.map(({ name }) => name));
});

test("no rule sums what one server reports through several sources", () => {
  const families = new Map(shownFamilies(PROBE_KINDS).map((family) => [family.name, family]));
  const adding = CATALOGUE.filter(({ condition }) =>
    ["quotient", "rate", "growth", "anomaly"].includes(condition.kind),
  );
  expect(adding.length).toBeGreaterThan(8);
  for (const { name, by, condition } of adding)
    for (const { selector } of readsOf(condition)) {
      if (families.get(selector.family)?.labels.includes("source") !== true) continue;
      const isApart = by.includes("source") || selector.matchers?.some((m) => m.name === "source") === true;
      expect(isApart, `${name} keeps sources apart`).toBe(true);
    }
});

for (const [name, story] of Object.entries(STORIES)) describeRule(name, story);
