import { describe, expect, it } from "vitest";
import { bindRule } from "../../../../functions/evaluate/rules/bind-rule.ts";
import { judgeComparison } from "../../../../functions/evaluate/rules/condition-keys.ts";
import type { Aggregate } from "../../../../functions/evaluate/rules/join-gauges.ts";
import type { ThresholdCondition } from "../../../../functions/evaluate/rules/kinds/threshold.ts";
import type { Comparison } from "../../../../functions/model/alerting/rule.ts";
import { FAMILIES, rule } from "../../../monitor/rules/rule-world.ts";
import { itJudges } from "./judged.ts";

const threshold = (op: Comparison, value = 5, aggregate: Aggregate = "max"): ThresholdCondition => ({
  kind: "threshold",
  metric: { family: "depth" },
  aggregate,
  op,
  value,
});

describe("a threshold at its edges", () => {
  itJudges([
    ["above, at the limit", judgeComparison(5, threshold(">")), "fails"],
    ["above, beyond it", judgeComparison(5.1, threshold(">")), "holds", 5.1],
    ["at least, at the limit", judgeComparison(5, threshold(">=")), "holds", 5],
    ["below, at the limit", judgeComparison(5, threshold("<")), "fails"],
    ["below, beyond it", judgeComparison(-9, threshold("<")), "holds", -9],
    ["at most, at the limit", judgeComparison(5, threshold("<=")), "holds", 5],
    ["no gauge", judgeComparison(Number.NaN, threshold("<=")), "fails"],
    ["infinite", judgeComparison(Number.POSITIVE_INFINITY, threshold(">")), "holds", Number.POSITIVE_INFINITY],
  ]);
});

describe("gauges of one group are joined", () => {
  const families = new Map(FAMILIES.map((family) => [family.name, family]));
  const columns = ["a", "b", "c"].map((source, offset) => ({
    family: "depth",
    labels: `source="${source}",kind="x"`,
    offset,
    width: 1,
  }));
  const layout = { columns, size: columns.length };

  it.each<[Aggregate, number[], number]>([
    ["max", [1, 5, 3], 5],
    ["min", [4, 1, 3], 1],
    ["sum", [1, 5, 3], 9],
    ["avg", [1, 5, 3], 3],
    ["max", [Number.NaN, -5, -3], -3],
    ["min", [Number.NaN, 5, 3], 3],
    ["avg", [Number.NaN, 5, 3], 4],
    ["sum", [Number.NaN, 5, Number.NaN], 5],
    ["avg", [Number.NaN, Number.NaN, Number.NaN], Number.NaN],
  ])("by %s of %j", (aggregate, values, expected) => {
    const condition = threshold(">=", -100, aggregate);
    const { groups } = bindRule(rule(condition), layout, families, () => undefined);
    const at = { values: Float64Array.from(values), windows: new Float64Array(0), now: 0 };
    expect(groups.map((group) => group.judge(at, condition).value)).toEqual([expected]);
  });
});
