import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildDashboard } from "../../functions/cli/grafana/build-dashboard.ts";
import { DASHBOARD_SPECS } from "../../functions/cli/grafana/dashboards/registry.ts";

/** Where the dashboards are, below the root of the project. */
export const DASHBOARDS = "functions/expose/grafana/dashboards";

/** Prints every dashboard into the folder that is named. */
if (import.meta.main) {
  const folder = join(process.argv[2] ?? ".", DASHBOARDS);
  mkdirSync(folder, { recursive: true });
  for (const spec of DASHBOARD_SPECS)
    writeFileSync(join(folder, `${spec.name}.json`), `${JSON.stringify(buildDashboard(spec), null, 1)}\n`);
}
