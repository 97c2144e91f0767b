import type { Matcher } from "../../model/alerting/matcher.ts";
import type { AnyCondition, Selector } from "../../model/alerting/rule.ts";
import { FAILS } from "./outcome.ts";
import type { PromqlTerms } from "./promql-terms.ts";
import type { SeriesRead } from "./rule-kind.ts";
import type { GroupJudge, RuleLayout } from "./rule-layout.ts";

/** A condition that can be bound to probes that fail. */
export interface Gated extends AnyCondition {
  /**
   * It holds only while a probe that these matchers select fails: its incident is open, or its newest evaluation was bad.
   * Where the rule's `by` has `probe`, only the group's own probe is asked. Absent: it holds by itself.
   */
  whileFailing?: readonly Matcher[];
}

const GAUGES = ["zako_v1_probe_incident_open", "zako_v1_probe_failing"] as const;

const selectors = (matchers: readonly Matcher[]): Selector[] =>
  GAUGES.map((family) => (matchers.length === 0 ? { family } : { family, matchers }));

/** What the gate of a condition reads; nothing where it has none. */
export const gateReads = ({ whileFailing }: Gated): SeriesRead[] =>
  whileFailing === undefined ? [] : selectors(whileFailing).map((selector) => ({ selector, type: "gauge" }));

/** Lets a group's judge hold only while its gate is open. */
export function gated<C extends Gated>(
  { whileFailing }: Gated,
  layout: RuleLayout,
): (text: string, judge: GroupJudge<C>["judge"]) => GroupJudge<C>["judge"] {
  if (whileFailing === undefined) return (_text, judge) => judge;
  const offsets = new Map<string, number[]>();
  for (const selector of selectors(whileFailing))
    for (const group of layout.groups(selector))
      offsets.set(group.text, [...(offsets.get(group.text) ?? []), ...group.offsets]);
  return (text, judge) => {
    const gauges = offsets.get(text) ?? [];
    return (at, condition) => (gauges.some((offset) => at.values[offset] === 1) ? judge(at, condition) : FAILS);
  };
}

/** The expression of a condition behind its gate. */
export function promqlGated(expr: string, { whileFailing }: Gated, { by, select }: PromqlTerms): string {
  if (whileFailing === undefined) return expr;
  const open = selectors(whileFailing).map((selector) => `max by (${by}) (${select(selector)}) == 1`);
  return `(${expr})\nand on (${by}) (${open.join(" or ")})`;
}
