import type { AnyCondition } from "../../../model/alerting/rule.ts";
import type { RuleKind } from "../rule-kind.ts";
import { anomaly } from "./anomaly.ts";
import { burn } from "./burn.ts";
import { growth } from "./growth.ts";
import { quantile } from "./quantile.ts";
import { quotient } from "./quotient.ts";
import { rate } from "./rate.ts";
import { ratio } from "./ratio.ts";
import { staleness } from "./staleness.ts";
import { threshold } from "./threshold.ts";
import { verdict } from "./verdict.ts";

const KINDS = [threshold, quotient, ratio, quantile, growth, rate, anomaly, burn, staleness, verdict] as const;

/** The condition of any kind of rule. */
export type Condition = (typeof KINDS)[number]["example"]["condition"];

/** Every kind of rule, in the order of the documentation. A new one is one file and one line here. */
export const RULE_KINDS: readonly RuleKind[] = KINDS;

const byName: ReadonlyMap<string, RuleKind> = new Map(RULE_KINDS.map((kind) => [kind.kind, kind]));

/** The kind with this name, or undefined. */
export const findRuleKind = (name: string): RuleKind | undefined => byName.get(name);

/** The kind of a condition. */
export function kindOf({ kind }: AnyCondition): RuleKind {
  const found = byName.get(kind);
  if (found === undefined) throw new TypeError(`${kind} is not a kind of rule`);
  return found;
}
