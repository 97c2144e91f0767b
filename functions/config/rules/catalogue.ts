import * as z from "zod";
import { warnOfNonCritical } from "../../evaluate/catalogue/non-critical.ts";
import { SHARED_RULES } from "../../evaluate/catalogue/registry.ts";
import { findRuleKind } from "../../evaluate/rules/kinds/registry.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import { shippedRule } from "../../model/alerting/shipped-rule.ts";
import type { Config } from "../../model/config.ts";
import type { KindRule } from "../../probe/kind.ts";
import { PROBE_KINDS } from "../../probe/kinds/registry.ts";

/**
 * The rule of a kind of probe. Throws where its condition cannot be read: that is a bug of the kind.
 * @internal exported for the contract suite of the kinds, which says which kind is wrong
 */
export function ruleOfKind({ condition: { kind, ...keys }, ...rest }: KindRule): Rule {
  const found = findRuleKind(kind);
  if (found === undefined) throw new Error(`Rule ${rest.name} has the unknown kind ${kind}.`);
  const read = z.strictObject(found.keys).safeParse(keys);
  if (!read.success) throw new Error(`Rule ${rest.name} has a wrong condition: ${z.prettifyError(read.error)}`);
  return shippedRule({ ...rest, condition: found.make(read.data) });
}

/** Every rule that is shipped, all of them on unless `watch.yaml` says otherwise. Those of probe kinds come last. */
export const CATALOGUE: readonly Rule[] = [
  ...SHARED_RULES,
  ...PROBE_KINDS.flatMap(({ rules = [] }) => rules.map(ruleOfKind)),
];

/** The rules that a configuration is watched by. */
export const rulesOf = ({ rules, targets }: Pick<Config, "rules" | "targets">): readonly Rule[] =>
  (rules ?? CATALOGUE).map((rule) => warnOfNonCritical(rule, targets));
