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

/** Every dashboard as it is written down, in the sequence in which one looks for the cause of something. */
export const DASHBOARD_SPECS: readonly DashboardSpec[] = [
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
