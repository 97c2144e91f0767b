import { describe, expect, it } from "vitest";
import { SELF, wantedSeries } from "../../../functions/monitor/tick/wanted-series.ts";
import { config, KINDS, plan, target } from "../world.ts";

const CONFIG = config([target("one", [plan("health")])], { vantages: ["weur", "apac"] });
const wanted = (name: string) => wantedSeries(CONFIG, KINDS).find((of) => of.target === name);
const keeps = (name: string, labels: string): boolean | undefined => wanted(name)?.keep("any", labels);

describe("of what a Monitor has counted, a new configuration keeps", () => {
  const CASES: [kept: boolean, name: string, labels: string, why: string][] = [
    [true, SELF, "", "has no labels"],
    [true, SELF, 'vantage="weur"', "is of a vantage that it has"],
    [false, SELF, 'vantage="enam"', "is of a vantage that it has not"],
    [false, SELF, 'version="1",config="abc"', "names the configuration"],
    [false, SELF, 'hash="abc",source="deployed",base="abc"', "names the active configuration"],
    [true, "one", 'probe="health",vantage="apac"', "is of a probe and a vantage that it has"],
    [false, "one", 'probe="health",vantage="enam"', "is of a vantage that it has not"],
    [false, "one", 'probe="cas.details",vantage="apac"', "is of a probe that the target has not"],
    [true, "one", 'rule="ZakoTargetDown"', "is of a rule that it has"],
    [false, "one", 'rule="ZakoGone"', "is of a rule that it has not"],
    [true, "one", 'source="push",pool="build"', "was reported"],
  ];
  it.each(CASES)("%s: %s{%s}, since it %s", (kept, name, labels) => expect(keeps(name, labels)).toBe(kept));
});
