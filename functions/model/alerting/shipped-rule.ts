import type { AnyCondition, Rule } from "./rule.ts";

/** What a shipped rule says of itself; the rest follows from it. */
export type ShippedRule<C extends AnyCondition = AnyCondition> = Required<
  Pick<Rule<C>, "name" | "severity" | "condition" | "summary" | "description" | "runbook">
> &
  Partial<Pick<Rule, "by" | "forMs" | "probes">>;

/** A shipped rule: one alert per target, paged from the edge. It ends with its cause: none keeps firing. */
export const shippedRule = <C extends AnyCondition>(rule: ShippedRule<C>): Rule<C> => ({
  by: ["target"],
  forMs: 0,
  keepFiringForMs: 0,
  pager: "edge",
  ...rule,
});
