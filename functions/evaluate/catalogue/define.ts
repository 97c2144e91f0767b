import type { Matcher } from "../../model/matcher.ts";
import type { Rule, Selector } from "../../model/rule.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** What a rule of the catalogue says of itself; the rest follows from it. */
export type Shipped = Required<Pick<Rule, "name" | "severity" | "condition" | "summary" | "description" | "runbook">> &
  Partial<Pick<Rule, "by" | "forMs" | "keepFiringForMs">>;

/** A rule of the catalogue: one alert per target, paged from the edge. */
export const shipped = (rule: Shipped): Rule => ({
  by: ["target"],
  forMs: 0,
  keepFiringForMs: 0,
  pager: "edge",
  ...rule,
});

/** Series of a family whose labels have these values. */
export function series(family: string, labels: Readonly<Record<string, string>> = {}): Selector {
  const matchers = Object.entries(labels).map(([name, value]): Matcher => ({ name, op: "=", value }));
  return matchers.length === 0 ? { family } : { family, matchers };
}

/** What our probes saw; scrapes and pushes tell of real traffic, where other numbers are normal. */
export const probed = (family: string): Selector => series(family, { source: "probe" });
