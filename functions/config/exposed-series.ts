import { bucketsFrom, readsOf, withNumber } from "../evaluate/rules/condition.ts";
import { readLabels } from "../lib/label-read.ts";
import type { Matcher } from "../model/alerting/matcher.ts";
import { matchesAll } from "../model/alerting/matches.ts";
import type { Rule } from "../model/alerting/rule.ts";
import type { Config } from "../model/config.ts";
import type { Exposed } from "../model/exposed.ts";
import { PROBE_SOURCE } from "../model/families/zako-families.ts";
import type { Family } from "../model/metric.ts";
import { rulesOf } from "./rules/catalogue.ts";

/** All series with all buckets. */
const EVERYTHING: Exposed = { shows: () => true, bounds: {} };

/**
 * What `/metrics` shows of a Monitor's series: everything with `metrics.detail: full`, else what the families say of
 * themselves and what the rules in force read, so that every rule can also be evaluated in Prometheus.
 */
export function exposedSeries(
  config: Pick<Config, "metrics" | "rules" | "targets">,
  families: readonly Family[],
): Exposed {
  if (config.metrics.detail === "full") return EVERYTHING;
  const reads = readByRules(rulesOf(config));
  const hidden = new Set(families.flatMap(({ name, standard }) => (standard === "hidden" ? [name] : [])));
  const bounds = Object.fromEntries(families.flatMap((family) => shownBounds(family, reads.from.get(family.name))));
  return {
    bounds,
    shows(family, labels) {
      if (!hidden.has(family)) return true;
      const found = readLabels(labels);
      if (found["source"] !== undefined && found["source"] !== PROBE_SOURCE.source) return true;
      return (reads.matchers.get(family) ?? []).some((matchers) => matchesAll(matchers, found));
    },
  };
}

/** What rules read, by family: which series, and from which bucket on. */
interface Reads {
  /** The selectors' matchers, without those on the target: a block has no label for it. */
  matchers: Map<string, Matcher[][]>;
  /** The least number that a rule compares the histogram with. */
  from: Map<string, number>;
}

function readByRules(rules: readonly Rule[]): Reads {
  const reads: Reads = { matchers: new Map(), from: new Map() };
  for (const { condition, overrides = [] } of rules)
    for (const { selector, type } of readsOf(condition)) {
      const { family, matchers = [] } = selector;
      const others = matchers.filter(({ name }) => name !== "target");
      reads.matchers.set(family, [...(reads.matchers.get(family) ?? []), others]);
      if (type !== "histogram") continue;
      const numbers = overrides.flatMap(({ value }) => (value === undefined ? [] : [withNumber(condition, value)]));
      const from = Math.min(...[condition, ...numbers].map(bucketsFrom));
      reads.from.set(family, Math.min(from, reads.from.get(family) ?? Number.POSITIVE_INFINITY));
    }
  return reads;
}

/**
 * Indexes of the bounds that are shown. Where a rule compares a quantile with a number, all from the bucket of that
 * number on: the quantile is then above it with these buckets exactly where it is with all, and has the same value. Whether
 * buckets that a target reports are too coarse is also asked above it only.
 */
function shownBounds(family: Family, from: number | undefined): [string, readonly number[]][] {
  if (family.type !== "histogram" || family.standard === undefined) return [];
  const { name, buckets, standard } = family;
  if (standard === "hidden") return [];
  const first = from === undefined ? Number.POSITIVE_INFINITY : (buckets.findLast((bound) => bound <= from) ?? 0);
  const shown = buckets.flatMap((bound, i) => (bound >= first || standard.includes(bound) ? [i] : []));
  return shown.length === buckets.length ? [] : [[name, shown]];
}
