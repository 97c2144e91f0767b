import { escapeLabelValue } from "../../lib/label-escape.ts";
import type { Matcher } from "../../model/alerting/matcher.ts";
import type { Selector } from "../../model/alerting/rule.ts";

/** `name{a="b"}` with additional matchers. */
export function promqlSelector(name: string, matchers: readonly Matcher[] = []): string {
  const inside = matchers.map((m) => `${m.name}${m.op}"${escapeLabelValue(m.value)}"`).join(", ");
  return inside === "" ? name : `${name}{${inside}}`;
}

/** If two jobs scrape one prober, its series exist twice; this makes them one. */
export const once = (series: string): string => `max without (job, instance) (${series})`;

/** Building blocks with which a kind prints its condition, for one rule. The printer of the file implements them. */
export interface PromqlTerms {
  /** The rule's name. */
  readonly rule: string;
  /** The rule's `by` labels as `sum by (...)` lists them. */
  readonly by: string;
  /** The selector's series, with the matchers of the override that the expression is for. */
  select(selector: Selector): string;
  /** Increase of a counter over a window, summed by the rule's labels. Increases that several rules share become recording rules. */
  difference(counter: Selector, windowMs: number): string;
  /** The same for each bucket of a histogram, not summed; `more` can select one bucket. */
  buckets(histogram: Selector, windowMs: number, more?: readonly Matcher[]): string;
  /** The condition, or `value` for alerts that are already firing while `unknown` (too little data). */
  orKept(holds: string, value: string, unknown: string): string;
}
