import { describe } from "vitest";
import { type DemoCondition, judgeDemo } from "../../../../functions/evaluate/rules/kinds/demo.ts";
import { itJudges } from "./judged.ts";

const demo: DemoCondition = { kind: "demo", metric: { family: "m" }, limit: 10 };

describe("a demo at its edges", () => {
  itJudges([
    ["as much as is allowed", judgeDemo(10, demo), "fails"],
    ["more", judgeDemo(10.5, demo), "holds", 10.5],
    ["nothing", judgeDemo(Number.NaN, demo), "fails"],
  ]);
});
