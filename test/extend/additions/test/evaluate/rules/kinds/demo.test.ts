import { describe } from "vitest";
import type { DemoCondition } from "../../../../functions/evaluate/rules/kinds/demo.ts";
import { judgeNumbers } from "./judge-numbers.ts";
import { itJudges } from "./judged.ts";

const demo: DemoCondition = { kind: "demo", metric: { family: "gauge" }, limit: 10 };

const judgeDemo = (gauge: number) => judgeNumbers(demo, { now: { gauge } });

describe("a demo at its edges", () => {
  itJudges([
    ["as much as is allowed", judgeDemo(10), "fails"],
    ["more", judgeDemo(10.5), "holds", 10.5],
    ["nothing", judgeDemo(Number.NaN), "fails"],
  ]);
});
