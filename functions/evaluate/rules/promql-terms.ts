import { escapeLabelValue } from "../../lib/label-escape.ts";
import type { Matcher } from "../../model/alerting/matcher.ts";
import type { Selector } from "../../model/alerting/rule.ts";

/** `name{a="b"}`, with further matchers. */
export function promqlSelector(name: string, matchers: readonly Matcher[] = []): string {
  const inside = matchers.map((m) => `${m.name}${m.op}"${escapeLabelValue(m.value)}"`).join(", ");
  return inside === "" ? name : `${name}{${inside}}`;
}

/** Two jobs that scrape one prober see the same series twice; here they are one. */
export const once = (series: string): string => `max without (job, instance) (${series})`;

/** The parts that a kind prints its condition from, for one rule. Whoever prints the file implements them. */
export interface PromqlTerms {
  /** The rule's name. */
  readonly rule: string;
  /** The rule's `by` labels as `sum by (...)` lists them. */
  readonly by: string;
  /** The selector's series, with the matchers of the override that the expression is for. */
  select(selector: Selector): string;
  /** How much a counter has grown over a window, summed up by the rule's labels. Records what several rules share. */
  difference(counter: Selector, windowMs: number): string;
  /** The same for each bucket of a histogram, not summed up; `more` can name one bucket. */
  buckets(histogram: Selector, windowMs: number, more?: readonly Matcher[]): string;
  /** What holds, or `value` of what fires already while `unknown` (too little is known). */
  orKept(holds: string, value: string, unknown: string): string;
}
