import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { SCENARIOS } from "../scenarios.ts";
import { MUTANTS } from "./mutants.ts";

const NAMES: ReadonlySet<string> = new Set(SCENARIOS.map(({ name }) => name));

it.each(MUTANTS)(
  "the mutant $name changes one place of the product, and has a scenario",
  ({ file, find, replace, scenarios }) => {
    expect(readFileSync(file, "utf8").split(find)).toHaveLength(2);
    expect(replace).not.toBe(find);
    expect(scenarios.length).toBeGreaterThan(0);
    for (const name of scenarios) expect(NAMES).toContain(name);
  },
);
