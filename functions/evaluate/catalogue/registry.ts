import type { Rule } from "../../model/alerting/rule.ts";
import { BUDGET_RULES } from "./budget-rules.ts";
import { BUILD_RULES } from "./build-rules.ts";
import { CAS_RULES } from "./cas-rules.ts";
import { PROBER_RULES } from "./prober-rules.ts";
import { TRANSPORT_RULES } from "./transport-rules.ts";
import { VERDICT_RULES } from "./verdict-rules.ts";
import { WORKER_RULES } from "./worker-rules.ts";

/** The shipped rules that belong to no single kind of probe. `config/rules/catalogue.ts` adds the kinds' own. */
export const SHARED_RULES: readonly Rule[] = [
  ...VERDICT_RULES,
  ...PROBER_RULES,
  ...CAS_RULES,
  ...TRANSPORT_RULES,
  ...WORKER_RULES,
  ...BUILD_RULES,
  ...BUDGET_RULES,
];
