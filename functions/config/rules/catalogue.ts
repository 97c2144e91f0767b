import { SHARED_RULES } from "../../evaluate/catalogue/registry.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import { PROBE_KINDS } from "../../probe/kinds/registry.ts";

/** Every rule that is shipped, all of them on unless `watch.yaml` says otherwise. Those of probe kinds come last. */
export const CATALOGUE: readonly Rule[] = [...SHARED_RULES, ...PROBE_KINDS.flatMap(({ rules = [] }) => rules)];

/** The rules that a configuration is watched by. */
export const rulesOf = ({ rules }: { rules?: readonly Rule[] }): readonly Rule[] => rules ?? CATALOGUE;
