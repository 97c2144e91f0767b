import type { Runbook } from "../../model/alerting/runbook.ts";
import { PROBE_KINDS } from "../../probe/kinds/registry.ts";
import { BUILD_RUNBOOKS } from "./build-runbooks.ts";
import { CAS_RUNBOOKS } from "./cas-runbooks.ts";
import { PROBER_RUNBOOKS } from "./prober-runbooks.ts";
import { TRANSPORT_RUNBOOKS } from "./transport-runbooks.ts";
import { VERDICT_RUNBOOKS } from "./verdict-runbooks.ts";
import { WORKER_RUNBOOKS } from "./worker-runbooks.ts";

/** Every runbook, in the order of the list that is served. */
export const RUNBOOKS: readonly Runbook[] = [
  ...VERDICT_RUNBOOKS,
  ...CAS_RUNBOOKS,
  ...TRANSPORT_RUNBOOKS,
  ...WORKER_RUNBOOKS,
  ...BUILD_RUNBOOKS,
  ...PROBER_RUNBOOKS,
  ...PROBE_KINDS.flatMap(({ runbooks = [] }) => runbooks),
];
