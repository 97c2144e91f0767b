import { kindOf } from "../../evaluate/rules/kinds/registry.ts";
import { once, type PromqlTerms, promqlSelector } from "../../evaluate/rules/promql-terms.ts";
import { formatDuration } from "../../lib/duration.ts";
import { MINUTE_MS } from "../../lib/time-units.ts";
import type { Matcher } from "../../model/alerting/matcher.ts";
import type { AnyCondition, Rule, Selector } from "../../model/alerting/rule.ts";

/** When a target's counters began at 0. */
const CREATED = "zako_v1_target_created_timestamp_seconds";

/** A recording rule that conditions refer to. */
export interface Recording {
  record: string;
  expr: string;
}

const list = (by: readonly string[]): string => by.join(", ");

/** Series of the recorded differences of a family, at the least level that a selector needs. */
interface Differences {
  name: string;
  matchers: readonly Matcher[];
}

/** Prints conditions and collects the recording rules that they share. */
export class PromqlPrinter {
  readonly recordings = new Map<string, Recording>();

  /** The expression of a rule's condition, `more` matchers on `by` labels added to every selector. */
  condition(rule: Rule, condition: AnyCondition, more: readonly Matcher[]): string {
    return kindOf(condition).promql(condition, this.#terms(rule, more));
  }

  /** A series for each group that `matchers` select, whatever its value: what an override takes out of a rule. */
  groups(rule: Rule, selector: Selector, suffix: string, matchers: readonly Matcher[]): string {
    const series = promqlSelector(selector.family + suffix, [...(selector.matchers ?? []), ...matchers]);
    return `group by (${list(rule.by)}) (${series})`;
  }

  #terms(rule: Rule, more: readonly Matcher[]): PromqlTerms {
    const by = list(rule.by);
    const firing = promqlSelector("ALERTS", [
      { name: "alertname", op: "=", value: rule.name },
      { name: "alertstate", op: "=", value: "firing" },
    ]);
    return {
      rule: rule.name,
      by,
      select: ({ family, matchers = [] }) => promqlSelector(family, [...matchers, ...more]),
      difference: (counter, windowMs) => `sum by (${by}) (${this.#difference(rule, counter, windowMs, more)})`,
      buckets: (histogram, windowMs, bucket = []) =>
        this.#difference(rule, histogram, windowMs, [...more, ...bucket], "le"),
      orKept: (holds, value, unknown) =>
        `(${holds})\nor\n(${value} and on (${by}) (${unknown}) and on (${by}) ${firing})`,
    };
  }

  #difference(rule: Rule, selector: Selector, ms: number, more: readonly Matcher[], le?: "le"): string {
    const { name, matchers } = this.#record(rule, selector, ms, le);
    return promqlSelector(name, [...matchers, ...more]);
  }

  /** Records how much each group of a family's series has grown over a window. */
  #record(rule: Rule, selector: Selector, ms: number, le: "le" | undefined): Differences {
    const matchers = selector.matchers ?? [];
    const level = [...new Set([...rule.by, ...matchers.map((m) => m.name), ...(le === undefined ? [] : [le])])];
    const window = formatDuration(ms);
    const record = `${level.join("_")}:${selector.family.replace(/_total$/, "")}:difference${window}`;
    const series = le === undefined ? selector.family : `${selector.family}_bucket`;
    this.recordings.set(record, { record, expr: `sum by (${list(level)}) (\n${difference(series, ms)}\n)` });
    return { name: record, matchers };
  }
}

/** How much each series has grown over a window; the header of the printed file says why in this form. */
function difference(series: string, ms: number): string {
  const window = formatDuration(ms);
  const step = formatDuration(Math.max(MINUTE_MS, Math.round(ms / 60 / MINUTE_MS) * MINUTE_MS));
  const now = once(series);
  const before = once(`${series} offset ${window}`);
  const isNew = `max by (target) (${CREATED}) > time() - ${ms / 1000}`;
  const wasThere = `max by (target) (${CREATED} offset ${window})`;
  return [
    `  (${now} and on (target) (${isNew}))`,
    `  or (${now} - ${before} >= 0)`,
    `  or (${now} and on (target) (${wasThere}))`,
    `  or (${now} - ${once(`min_over_time(${series}[${window}:${step}])`)})`,
  ].join("\n");
}
