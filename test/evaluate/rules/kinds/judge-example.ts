import { bindRule } from "../../../../functions/evaluate/rules/bind-rule.ts";
import { followed, readsOf } from "../../../../functions/evaluate/rules/condition.ts";
import type { Outcome } from "../../../../functions/evaluate/rules/outcome.ts";
import type { RuleKind } from "../../../../functions/evaluate/rules/rule-kind.ts";
import {
  baselineFamily,
  scaleOf,
  trackKey,
  windowFamily,
} from "../../../../functions/evaluate/rules/track-families.ts";
import type { Rule } from "../../../../functions/model/alerting/rule.ts";
import type { Family } from "../../../../functions/model/metric.ts";

const NOW_MS = 2_000_000_000_000;

type ExampleOutcome = RuleKind["example"]["outcomes"][number];

/** What a rule says of a target that has one series of each family that it reads, with the numbers of an example. */
export function judgeExample(
  rule: Rule,
  { now = {}, within = {}, baseline }: ExampleOutcome,
  families: ReadonlyMap<string, Family>,
  series: "a series each" | "no series" = "a series each",
): Outcome[] {
  const read =
    series === "no series" ? [] : [...new Set(readsOf(rule.condition).map(({ selector }) => selector.family))];
  const columns = read.map((name, offset) => {
    const labels = (families.get(name)?.labels ?? []).filter((label) => label !== "target");
    return { family: name, labels: labels.map((label) => `${label}="v"`).join(","), offset, width: 1 };
  });
  const values = Float64Array.from(read.map((name) => now[name] ?? Number.NaN));

  const windows: number[] = [];
  const places = new Map<string, number>();
  const keep = (family: string, numbers: readonly number[]): void => {
    places.set(family, windows.length);
    windows.push(...numbers);
  };
  for (const { selector, windowsMs } of followed(rule.condition)) {
    const family = families.get(selector.family) as Family;
    const cells = family.type === "histogram" ? family.buckets.length + 1 : 1;
    for (const [i, ms] of windowsMs.entries()) {
      const given = within[family.name]?.[i] ?? new Array<number>(cells).fill(family.type === "gauge" ? Number.NaN : 0);
      const counts = given.map((n) => n * scaleOf(family));
      keep(windowFamily(trackKey(selector, rule.by), ms / 60_000), counts);
    }
  }
  if (baseline !== undefined) keep(baselineFamily(rule.name), [baseline.mean, baseline.variance, baseline.samples]);

  const layout = { columns, size: columns.length };
  const bound = bindRule(rule, layout, families, (family) => places.get(family));
  const at = { values, windows: Float64Array.from(windows), now: NOW_MS };
  return bound.groups.map((group) => group.judge(at, rule.condition));
}
