import { CATALOGUE } from "../../../config/rules/catalogue.ts";
import { PROBE_KINDS } from "../../../probe/kinds/registry.ts";
import { otherRows } from "../other-panels.ts";
import type { DashboardSpec } from "../spec.ts";
import { builds } from "./builds.ts";
import { cas } from "./cas.ts";
import { engine } from "./engine.ts";
import { fleet } from "./fleet.ts";
import { prober } from "./prober.ts";
import { resources } from "./resources.ts";
import { slo } from "./slo.ts";
import { target } from "./target.ts";
import { transport } from "./transport.ts";
import { workers } from "./workers.ts";

/** The dashboards that are written down, in the sequence in which one looks for the cause of something. */
const WRITTEN: readonly DashboardSpec[] = [
  fleet,
  target,
  cas,
  transport,
  workers,
  resources,
  engine,
  builds,
  slo,
  prober,
];

/** Every dashboard. The one of a target also has what probe kinds declare and no written panel shows. */
export const DASHBOARD_SPECS: readonly DashboardSpec[] = WRITTEN.map((spec) =>
  spec === target
    ? { ...spec, rows: [...spec.rows, ...otherRows(WRITTEN, { kinds: PROBE_KINDS, catalogue: CATALOGUE })] }
    : spec,
);
