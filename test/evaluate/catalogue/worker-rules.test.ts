import { describe, expect, it } from "vitest";
import { CAS_RULES } from "../../../functions/evaluate/catalogue/cas-rules.ts";
import { WORKER_RULES } from "../../../functions/evaluate/catalogue/worker-rules.ts";
import { whyInactive } from "../../../functions/evaluate/rules/active-rules.ts";
import type { Condition } from "../../../functions/evaluate/rules/kinds/registry.ts";
import { shownFamilies } from "../../../functions/model/families/shown-families.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";

const families = new Map(shownFamilies(PROBE_KINDS).map((family) => [family.name, family]));

/** About builds, of which no probe knows: only scrapes and pushes tell. */
const WITHOUT_PROBES: readonly string[] = ["ZakoCacheHitRatioLow"];

describe.each([...CAS_RULES, ...WORKER_RULES].map((rule) => [rule.name, rule] as const))("%s", (name, rule) => {
  it("is evaluated from what probes tell, unless it is about builds", () => {
    const why = whyInactive(rule, families);
    if (WITHOUT_PROBES.includes(name))
      expect([undefined, "metric zako_v1_cache_hit_ratio is not collected"]).toContain(why);
    else expect(why).toBeUndefined();
  });

  it("can hold with what probes count at their default intervals", () => {
    const needed = leastCount(rule.condition as Condition);
    if (needed === undefined) return;
    const asks = PROBE_KINDS.filter(({ tier }) => tier !== "outside");
    const kinds = asks.filter((kind) => kind.families.some((family) => family.name === needed.family));
    expect(kinds).toHaveLength(1);
    const runs = Math.floor(needed.windowMs / (kinds[0]?.defaults.intervalMs ?? Number.POSITIVE_INFINITY));
    expect(runs).toBeGreaterThanOrEqual(needed.count);
  });
});

/** What a rule must have counted of something that each run counts once, if it is such a rule. */
function leastCount(condition: Condition): { family: string; windowMs: number; count: number } | undefined {
  if (condition.kind === "quantile")
    return { family: condition.histogram.family, windowMs: condition.windowMs, count: condition.minCount };
  if (condition.kind === "rate" && condition.counter.family === "zako_v1_engine_json_conversion_failures_total")
    return { family: condition.counter.family, windowMs: condition.windowMs, count: condition.value + 1 };
  return undefined;
}

it("does not take a pool that has all the threads it may have for one that is short of them", () => {
  const short = WORKER_RULES.find(({ name }) => name === "ZakoWorkerThreadsShort");
  expect(JSON.stringify(short?.condition)).not.toContain("active_threads");
});
