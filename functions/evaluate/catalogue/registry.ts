import type { Rule } from "../../model/alerting/rule.ts";
import type { Config } from "../../model/config.ts";
import { BUDGET_RULES } from "./budget-rules.ts";
import { BUILD_RULES } from "./build-rules.ts";
import { CAS_RULES } from "./cas-rules.ts";
import { warnOfNonCritical } from "./non-critical.ts";
import { PROBER_RULES } from "./prober-rules.ts";
import { TRANSPORT_RULES } from "./transport-rules.ts";
import { VERDICT_RULES } from "./verdict-rules.ts";
import { WORKER_RULES } from "./worker-rules.ts";

/** Every rule that is shipped, all of them on unless `watch.yaml` says otherwise. */
export const CATALOGUE: readonly Rule[] = [
  ...VERDICT_RULES,
  ...PROBER_RULES,
  ...CAS_RULES,
  ...TRANSPORT_RULES,
  ...WORKER_RULES,
  ...BUILD_RULES,
  ...BUDGET_RULES,
];

/** The rules that a configuration is watched by. */
export const rulesOf = ({ rules, targets }: Pick<Config, "rules" | "targets">): readonly Rule[] =>
  (rules ?? CATALOGUE).map((rule) => warnOfNonCritical(rule, targets));
