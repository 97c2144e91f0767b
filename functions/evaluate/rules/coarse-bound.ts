import type { Selector } from "../../model/alerting/rule.ts";
import { COARSE_FAMILIES } from "../../model/families/coarse-families.ts";
import type { ColumnGroup } from "./group-columns.ts";
import { promqlSelector } from "./promql-terms.ts";
import type { RuleLayout } from "./rule-layout.ts";

/** Whether targets may report the histogram in buckets of their own; what only probes measure has ours. */
const isReported = ({ family, matchers = [] }: Selector): boolean =>
  !/^zako_(v1_probe|watch)_/.test(family) &&
  !matchers.some(({ name, op, value }) => name === "source" && op === "=" && value === "probe");

const ofFamily = ({ family, matchers = [] }: Selector, coarse: string): Selector => ({
  family: coarse,
  matchers: [{ name: "family", op: "=", value: family }, ...matchers.filter(({ name }) => name === "source")],
});

/**
 * Up to where a quantile of a group is not known to be above a threshold: the upper bound of the widest coarse bucket that
 * begins below the threshold. 0 if there is none.
 */
export function coarseBound(
  layout: RuleLayout,
  histogram: Selector,
  group: ColumnGroup,
): (values: Float64Array, threshold: number) => number {
  if (!isReported(histogram)) return () => 0;
  const { source } = group.labels;
  const of = (family: string) =>
    layout
      .columns(ofFamily(histogram, family))
      .filter(({ labels }) => source === undefined || labels["source"] === source);
  const upper = of(COARSE_FAMILIES.upper.name);
  const pairs = of(COARSE_FAMILIES.lower.name).flatMap(({ labels, offset }) => {
    const same = upper.find((u) => u.labels["source"] === labels["source"] && u.labels["bucket"] === labels["bucket"]);
    return same === undefined ? [] : [{ lower: offset, upper: same.offset }];
  });
  return (values, threshold) => {
    let bound = 0;
    for (const { lower, upper } of pairs)
      if ((values[lower] as number) < threshold) bound = Math.max(bound, values[upper] as number);
    return bound;
  };
}

/** The same as an expression over a rule's `by` labels; undefined if there is no need of one. */
export function coarseBoundPromql(
  histogram: Selector,
  threshold: number,
  by: readonly string[],
): { expr: string; on: string } | undefined {
  if (!isReported(histogram)) return undefined;
  const on = by.filter((name) => name === "target" || name === "source").join(", ");
  const series = (coarse: string): string => {
    const { family, matchers } = ofFamily(histogram, coarse);
    return `max by (target, source, family, bucket) (${promqlSelector(family, matchers)})`;
  };
  const below = `${series(COARSE_FAMILIES.lower.name)} < ${threshold}`;
  return { on, expr: `max by (${on}) (${series(COARSE_FAMILIES.upper.name)} and (${below}))` };
}
