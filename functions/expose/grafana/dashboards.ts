import type { DashboardFile } from "./dashboard-file.ts";

type Load = () => Promise<{ default: unknown }>;

/** Each dashboard is read when it is asked for: together they are half a megabyte. */
const FILES: Readonly<Record<string, Load>> = {
  fleet: () => import("./dashboards/fleet.json", { with: { type: "json" } }),
  target: () => import("./dashboards/target.json", { with: { type: "json" } }),
  cas: () => import("./dashboards/cas.json", { with: { type: "json" } }),
  transport: () => import("./dashboards/transport.json", { with: { type: "json" } }),
  workers: () => import("./dashboards/workers.json", { with: { type: "json" } }),
  resources: () => import("./dashboards/resources.json", { with: { type: "json" } }),
  engine: () => import("./dashboards/engine.json", { with: { type: "json" } }),
  builds: () => import("./dashboards/builds.json", { with: { type: "json" } }),
  slo: () => import("./dashboards/slo.json", { with: { type: "json" } }),
  prober: () => import("./dashboards/prober.json", { with: { type: "json" } }),
};

/** Names of the dashboards. */
export const DASHBOARD_NAMES: readonly string[] = Object.keys(FILES);

/** A generated dashboard; undefined where there is none of this name. */
export async function readDashboard(name: string): Promise<DashboardFile | undefined> {
  const load = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
  return load && ((await load()).default as DashboardFile);
}
