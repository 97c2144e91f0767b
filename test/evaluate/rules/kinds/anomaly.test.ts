import { describe } from "vitest";
import type { AnomalyCondition } from "../../../../functions/evaluate/rules/kinds/anomaly.ts";
import { judgeNumbers } from "./judge-numbers.ts";
import { itJudges } from "./judged.ts";

const anomaly: AnomalyCondition = {
  kind: "anomaly",
  metric: { family: "gauge" },
  baselineMs: 1,
  deviations: 4,
  minSamples: 2,
};

const judgeAnomaly = (gauge: number, mean: number, deviation: number, condition: AnomalyCondition) =>
  judgeNumbers(condition, { now: { gauge }, baseline: { mean, variance: deviation ** 2, samples: 2 } });

describe("an anomaly at its edges", () => {
  itJudges([
    ["as far as is usual", judgeAnomaly(18, 10, 2, anomaly), "fails"],
    ["further above", judgeAnomaly(18.5, 10, 2, anomaly), "holds", 8.5],
    ["further below", judgeAnomaly(1.5, 10, 2, anomaly), "holds", 8.5],
    ["no gauge", judgeAnomaly(Number.NaN, 10, 2, anomaly), "fails"],
    ["a gauge that never moved, as it is", judgeAnomaly(0, 0, 0, anomaly), "fails"],
  ]);
});
