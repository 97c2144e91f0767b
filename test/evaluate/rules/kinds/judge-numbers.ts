import type { Condition } from "../../../../functions/evaluate/rules/kinds/registry.ts";
import type { Outcome } from "../../../../functions/evaluate/rules/outcome.ts";
import type { RuleKind } from "../../../../functions/evaluate/rules/rule-kind.ts";
import type { Rule } from "../../../../functions/model/alerting/rule.ts";
import { shownFamilies } from "../../../../functions/model/families/shown-families.ts";
import type { Family } from "../../../../functions/model/metric.ts";
import { PROBE_KINDS } from "../../../../functions/probe/kinds/registry.ts";
import { judgeExample } from "./judge-example.ts";

type Numbers = Omit<RuleKind["example"]["outcomes"][number], "seen">;

const own = { help: "A family of a test.", labels: ["target"] };
/** What conditions of a test can select: a counter, a counter for the whole, a gauge, one to divide by, a histogram. */
const OWN: readonly Family[] = [
  { name: "part_total", type: "counter", ...own },
  { name: "whole_total", type: "counter", ...own },
  { name: "gauge", type: "gauge", ...own },
  { name: "other_gauge", type: "gauge", ...own },
  { name: "sizes", type: "histogram", buckets: [1, 2], ...own },
];
const FAMILIES = new Map([...OWN, ...shownFamilies(PROBE_KINDS)].map((family) => [family.name, family]));

/** What a condition says of one target with these numbers. */
export function judgeNumbers(condition: Condition, numbers: Numbers): Outcome {
  const rule: Rule = {
    name: "Own",
    severity: "info",
    condition,
    by: ["target"],
    forMs: 0,
    keepFiringForMs: 0,
    summary: "",
    description: "",
    pager: "edge",
  };
  const [outcome] = judgeExample(rule, { seen: "unknown", ...numbers }, FAMILIES);
  if (outcome === undefined) throw new Error("The condition has no group");
  return outcome;
}
