import { deviationOf, learn } from "../../evaluate/rules/baseline.ts";
import type { BaselineSource } from "../../evaluate/rules/rule-kind.ts";
import type { RuleGroup } from "../../evaluate/rules/rule-layout.ts";
import { baselineFamily } from "../../evaluate/rules/track-families.ts";
import { matchesAll } from "../../model/alerting/matches.ts";
import { columnKey } from "../../store/series/series-layout.ts";
import type { SeriesTable } from "../../store/series/series-table.ts";
import type { WatchedBlock } from "./watched-block.ts";

/** Exposes the baselines used in this evaluation, then updates them with the current values. */
export function learnBaselines(
  table: SeriesTable,
  blocks: Iterable<WatchedBlock>,
  elapsedMs: number,
  now: number,
): void {
  for (const block of blocks)
    for (const { rule, targets, groups, baseline } of block.plan.rules)
      if (baseline !== undefined && matchesAll(targets, { target: block.series.target }))
        for (const group of groups) learnOne(table, block, rule.name, baseline, group, elapsedMs, now);
}

function learnOne(
  table: SeriesTable,
  { series, windows }: WatchedBlock,
  rule: string,
  source: BaselineSource,
  group: RuleGroup,
  elapsedMs: number,
  now: number,
): void {
  const index = windows.layout.find(columnKey(baselineFamily(rule), group.text));
  const offset = index === undefined ? undefined : windows.layout.columns[index]?.offset;
  if (offset === undefined) return;
  const [mean = 0, variance = 0, samples = 0] = windows.values.subarray(offset, offset + 3);
  const baseline = { mean, variance, samples };
  const value = group.gauge?.(series.values) ?? Number.NaN;
  if (samples >= source.minSamples) {
    const show = (family: string, shown: number): void =>
      table.observe(series.target, { family, labels: { rule, ...group.labels }, value: shown }, now);
    show("zako_v1_rule_baseline_mean", mean);
    show("zako_v1_rule_baseline_deviation", deviationOf(baseline));
  }
  if (Number.isNaN(value)) return;
  const learnt = learn(baseline, value, elapsedMs, source);
  windows.values.set([learnt.mean, learnt.variance, learnt.samples], offset);
}
