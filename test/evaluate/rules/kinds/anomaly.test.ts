import { describe } from "vitest";
import { type AnomalyCondition, judgeAnomaly } from "../../../../functions/evaluate/rules/kinds/anomaly.ts";
import { itJudges } from "./judged.ts";

const anomaly: AnomalyCondition = {
  kind: "anomaly",
  metric: { family: "m" },
  baselineMs: 1,
  deviations: 4,
  minSamples: 2,
};

describe("an anomaly at its edges", () => {
  itJudges([
    ["as far as is usual", judgeAnomaly(18, 10, 2, anomaly), "fails"],
    ["further above", judgeAnomaly(18.5, 10, 2, anomaly), "holds", 8.5],
    ["further below", judgeAnomaly(1.5, 10, 2, anomaly), "holds", 8.5],
    ["no gauge", judgeAnomaly(Number.NaN, 10, 2, anomaly), "fails"],
    ["a gauge that never moved, as it is", judgeAnomaly(0, 0, 0, anomaly), "fails"],
  ]);
});
