import { formatDuration } from "../config/duration.ts";
import { escapeLabelValue } from "../lib/label-escape.ts";
import type { Matcher } from "../model/matcher.ts";
import type { Condition, Rule, Selector } from "../model/rule.ts";

/** When a target's counters began at 0. */
const CREATED = "zako_v1_target_created_timestamp_seconds";

/** A recording rule that conditions refer to. */
export interface Recording {
  record: string;
  expr: string;
}

/** `name{a="b"}`, with further matchers. */
export function selectorText(name: string, matchers: readonly Matcher[] = []): string {
  const inside = matchers.map((m) => `${m.name}${m.op}"${escapeLabelValue(m.value)}"`).join(", ");
  return inside === "" ? name : `${name}{${inside}}`;
}

/** Two jobs that scrape one prober see the same series twice; here they are one. */
const once = (series: string): string => `max without (job, instance) (${series})`;

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
  condition(rule: Rule, condition: Condition, more: readonly Matcher[]): string {
    const by = list(rule.by);
    const over = (selector: Selector): string => selectorText(selector.family, [...(selector.matchers ?? []), ...more]);
    const sum = (selector: Selector, ms: number): string =>
      `sum by (${by}) (${this.#difference(rule, selector, ms, more)})`;
    const firing = selectorText("ALERTS", [
      { name: "alertname", op: "=", value: rule.name },
      { name: "alertstate", op: "=", value: "firing" },
    ]);
    /** What holds, or a value of what fires already while too little is known. */
    const orHeld = (holds: string, value: string, unknown: string): string =>
      `(${holds})\nor\n(${value} and on (${by}) (${unknown}) and on (${by}) ${firing})`;

    switch (condition.kind) {
      case "threshold":
        return `${condition.aggregate} by (${by}) (${once(over(condition.metric))}) ${condition.op} ${condition.value}`;
      case "quotient": {
        const [above, below] = [condition.numerator, condition.denominator].map(
          (s) => `sum by (${by}) (${once(over(s))})`,
        );
        return `${above} / (${below} > 0) ${condition.op} ${condition.value}`;
      }
      case "rate":
        return `${sum(condition.counter, condition.windowMs)} ${condition.op} ${condition.value}`;
      case "ratio": {
        const [part, whole] = [
          sum(condition.numerator, condition.windowMs),
          sum(condition.denominator, condition.windowMs),
        ];
        const value = `${part} / ${whole}`;
        const holds = `${value} ${condition.op} ${condition.value} and ${whole} >= ${condition.minCount}`;
        return orHeld(holds, value, `${whole} < ${condition.minCount}`);
      }
      case "quantile": {
        const buckets = this.#difference(rule, condition.histogram, condition.windowMs, more, "le");
        const value = `histogram_quantile(${condition.quantile}, sum by (le, ${by}) (${buckets}))`;
        const all = this.#difference(rule, condition.histogram, condition.windowMs, [...more, INFINITE], "le");
        const count = `sum by (${by}) (${all})`;
        const holds = `${value} ${condition.op} ${condition.value} and ${count} >= ${condition.minCount}`;
        return orHeld(holds, value, `${count} < ${condition.minCount}`);
      }
      case "growth": {
        const now = `sum by (${by}) (${once(over(condition.gauge))})`;
        const before = `sum by (${by}) (${once(`${over(condition.gauge)} offset ${formatDuration(condition.windowMs)}`)})`;
        return `${now} - ${before} ${condition.op} ${condition.value} and ${now} > ${condition.floor}`;
      }
      case "burn": {
        const share = (ms: number): string => `${sum(condition.errors, ms)} / ${sum(condition.total, ms)}`;
        const rows = condition.windows.map(({ longMs, shortMs, factor, minFailures }) => {
          const limit = `${factor} * (1 - ${condition.objective})`;
          return `(${share(longMs)} > ${limit} and ${share(shortMs)} > ${limit} and ${sum(condition.errors, longMs)} >= ${minFailures})`;
        });
        const silent = condition.windows.map(({ shortMs }) => `${sum(condition.total, shortMs)} == 0`);
        const longest = condition.windows[0]?.longMs ?? 0;
        return orHeld(rows.join("\nor\n"), share(longest), silent.join(" or "));
      }
      case "staleness":
        return `time() - max by (${by}) (${once(over(condition.timestamp))}) > ${condition.olderThanMs / 1000}`;
      case "verdict": {
        const family = `zako_v1_${condition.of}_state`;
        if (condition.state === "down")
          return `max by (${by}) (${selectorText(`zako_v1_${condition.of}_incident_open`, more)}) == 1`;
        const is = (state: string): string =>
          `max by (${by}) (${selectorText(family, [{ name: family, op: "=", value: state }, ...more])}) == 1`;
        if (condition.state === "unknown") return is("unknown");
        return orHeld(is(condition.state), is("unknown"), is("unknown"));
      }
      case "anomaly": {
        const value = `sum by (${by}) (${once(over(condition.metric))})`;
        const baseline = (what: string): string =>
          `max by (${by}) (${selectorText(`zako_v1_rule_baseline_${what}`, [{ name: "rule", op: "=", value: rule.name }, ...more])})`;
        return `abs(${value} - ${baseline("mean")}) > ${condition.deviations} * ${baseline("deviation")}`;
      }
    }
  }

  /** A series for each group that `matchers` select, whatever its value: what an override takes out of a rule. */
  groups(rule: Rule, selector: Selector, suffix: string, matchers: readonly Matcher[]): string {
    const series = selectorText(selector.family + suffix, [...(selector.matchers ?? []), ...matchers]);
    return `group by (${list(rule.by)}) (${series})`;
  }

  #difference(rule: Rule, selector: Selector, ms: number, more: readonly Matcher[], le?: "le"): string {
    const { name, matchers } = this.#record(rule, selector, ms, le);
    return selectorText(name, [...matchers, ...more]);
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

const INFINITE: Matcher = { name: "le", op: "=", value: "+Inf" };

/** How much each series has grown over a window; the header of the printed file says why in this form. */
function difference(series: string, ms: number): string {
  const window = formatDuration(ms);
  const step = formatDuration(Math.max(60_000, Math.round(ms / 60 / 60_000) * 60_000));
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
