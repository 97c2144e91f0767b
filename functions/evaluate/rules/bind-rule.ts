import type { AlertLabels } from "../../model/alert.ts";
import type { Matcher } from "../../model/matcher.ts";
import type { Family } from "../../model/metric.ts";
import type { Condition, Rule, Selector } from "../../model/rule.ts";
import type { Layout } from "../../model/snapshot.ts";
import { readsOf } from "./active-rules.ts";
import { deviationOf } from "./baseline.ts";
import { type ColumnGroup, groupColumns, targetMatchers } from "./group-columns.ts";
import {
  judgeAnomaly,
  judgeBurn,
  judgeGrowth,
  judgeQuantile,
  judgeQuotient,
  judgeRate,
  judgeRatio,
  judgeStaleness,
  judgeThreshold,
  judgeVerdict,
  type Outcome,
} from "./judge-condition.ts";
import { baselineFamily, scaleOf, trackKey, windowFamily } from "./tracks.ts";

/** The numbers of one target at one evaluation. */
export interface Readings {
  /** Of the target's series. */
  values: Float64Array;
  /** Of its windows and baselines. */
  windows: Float64Array;
  /** Epoch ms. */
  now: number;
}

/** One group of a rule within a layout: all targets of the layout share it. */
export interface BoundGroup {
  /** The `by` labels except `target`. */
  labels: AlertLabels;
  text: string;
  /** `condition` is the rule's own, or the same with an override's number. */
  judge(at: Readings, condition: Condition): Outcome;
  /** The gauge itself, for rules that learn a baseline. */
  gauge?(values: Float64Array): number;
}

/** A rule within a layout. */
export interface BoundRule {
  rule: Rule;
  /** Matchers that the target itself must fulfil. */
  targets: readonly Matcher[];
  groups: readonly BoundGroup[];
}

/** Where a column of windows stands; undefined if there is none. */
export type Place = (family: string, labels: string) => number | undefined;

type Of<Kind extends Condition["kind"]> = Extract<Condition, { kind: Kind }>;

/** Finds everything that a rule reads in a layout, once, so that an evaluation only does arithmetic. */
export function bindRule(rule: Rule, layout: Layout, families: ReadonlyMap<string, Family>, place: Place): BoundRule {
  const targets = readsOf(rule.condition).flatMap(({ selector }) => targetMatchers(selector));
  return { rule, targets, groups: groupsOf(rule, layout, families, place) };
}

function groupsOf(rule: Rule, layout: Layout, families: ReadonlyMap<string, Family>, place: Place): BoundGroup[] {
  const { condition } = rule;
  const group = (selector: Selector): ColumnGroup[] => groupColumns(layout, selector, rule.by);
  const windowOf = (selector: Selector, text: string, ms: number): number | undefined =>
    place(windowFamily(trackKey(selector, rule.by), Math.round(ms / 60_000)), text);
  const sum = (selector: Selector, text: string, ms: number): ((windows: Float64Array) => number) => {
    const offset = windowOf(selector, text, ms);
    const scale = scaleOf(families.get(selector.family) as Family);
    return offset === undefined ? () => Number.NaN : (windows) => (windows[offset] as number) / scale;
  };
  const each = (
    selector: Selector,
    judgeOf: (group: ColumnGroup) => BoundGroup["judge"],
    more: (group: ColumnGroup) => Partial<BoundGroup> = () => ({}),
  ): BoundGroup[] => group(selector).map((g) => ({ labels: g.labels, text: g.text, judge: judgeOf(g), ...more(g) }));

  switch (condition.kind) {
    case "threshold":
      return each(condition.metric, ({ offsets }) => (at, c) => {
        const of = c as Of<"threshold">;
        return judgeThreshold(joined(at.values, offsets, of.aggregate), of);
      });
    case "quotient": {
      const others = new Map(group(condition.denominator).map((g) => [g.text, g.offsets]));
      return each(condition.numerator, ({ text, offsets }) => {
        const below = others.get(text) ?? [];
        return ({ values }, c) =>
          judgeQuotient(joined(values, offsets, "sum"), joined(values, below, "sum"), c as Of<"quotient">);
      });
    }
    case "rate":
      return each(condition.counter, ({ text }) => {
        const difference = sum(condition.counter, text, condition.windowMs);
        return (at, c) => judgeRate(difference(at.windows), c as Of<"rate">);
      });
    case "ratio": {
      const others = new Set(group(condition.denominator).map((g) => g.text));
      return each(condition.numerator, ({ text }) => {
        const [part, whole] = [condition.numerator, condition.denominator].map((s) => sum(s, text, condition.windowMs));
        return (at, c) => judgeRatio(part?.(at.windows) ?? 0, whole?.(at.windows) ?? 0, c as Of<"ratio">);
      }).filter((g) => others.has(g.text));
    }
    case "quantile": {
      const family = families.get(condition.histogram.family) as Extract<Family, { type: "histogram" }>;
      const cells = family.buckets.length + 1;
      return each(condition.histogram, ({ text }) => {
        const offset = windowOf(condition.histogram, text, condition.windowMs) ?? 0;
        return (at, c) => {
          const counts = Array.from(at.windows.subarray(offset, offset + cells));
          return judgeQuantile(family.buckets, counts, c as Of<"quantile">);
        };
      });
    }
    case "growth":
      return each(condition.gauge, ({ text, offsets }) => {
        const before = sum(condition.gauge, text, condition.windowMs);
        return (at, c) => judgeGrowth(joined(at.values, offsets, "sum"), before(at.windows), c as Of<"growth">);
      });
    case "burn": {
      const others = new Set(group(condition.total).map((g) => g.text));
      return each(condition.errors, ({ text }) => {
        const rows = condition.windows.map(({ longMs, shortMs }) => ({
          longErrors: sum(condition.errors, text, longMs),
          longTotal: sum(condition.total, text, longMs),
          shortErrors: sum(condition.errors, text, shortMs),
          shortTotal: sum(condition.total, text, shortMs),
        }));
        return ({ windows }, c) =>
          judgeBurn(
            rows.map((row) => ({
              longErrors: row.longErrors(windows),
              longTotal: row.longTotal(windows),
              shortErrors: row.shortErrors(windows),
              shortTotal: row.shortTotal(windows),
            })),
            c as Of<"burn">,
          );
      }).filter((g) => others.has(g.text));
    }
    case "staleness":
      return each(
        condition.timestamp,
        ({ offsets }) =>
          (at, c) =>
            judgeStaleness(joined(at.values, offsets, "max"), at.now, c as Of<"staleness">),
      );
    case "verdict": {
      const states = new Map(group({ family: `zako_v1_${condition.of}_state` }).map((g) => [g.text, g.offsets[0]]));
      return each({ family: `zako_v1_${condition.of}_incident_open` }, ({ text, offsets }) => {
        const [open, state] = [offsets[0] as number, states.get(text)];
        return ({ values }, c) =>
          judgeVerdict(
            state === undefined ? Number.NaN : (values[state] as number),
            values[open] as number,
            c as Of<"verdict">,
          );
      });
    }
    case "anomaly":
      return each(
        condition.metric,
        ({ text, offsets }) => {
          const offset = place(baselineFamily(rule.name), text);
          return ({ values, windows }, c) => {
            const of = c as Of<"anomaly">;
            if (offset === undefined || (windows[offset + 2] as number) < of.minSamples)
              return { seen: "fails", value: Number.NaN };
            const mean = windows[offset] as number;
            const deviation = deviationOf({ mean, variance: windows[offset + 1] as number, samples: 0 });
            return judgeAnomaly(joined(values, offsets, "sum"), mean, deviation, of);
          };
        },
        ({ offsets }) => ({ gauge: (values) => joined(values, offsets, "sum") }),
      );
  }
}

/** A group's gauges as one number; those without a value are left out, NaN if none has one. */
function joined(values: Float64Array, offsets: readonly number[], aggregate: Of<"threshold">["aggregate"]): number {
  let count = 0;
  let out = Number.NaN;
  for (const offset of offsets) {
    const value = values[offset] as number;
    if (Number.isNaN(value)) continue;
    count++;
    if (count === 1) out = value;
    else if (aggregate === "max") out = Math.max(out, value);
    else if (aggregate === "min") out = Math.min(out, value);
    else out += value;
  }
  return aggregate === "avg" ? out / count : out;
}
