import type { Context, Hono } from "hono";
import type { PrintedFor } from "../prometheus/prometheus-rules.ts";
import { readable, refuse } from "../refuse.ts";
import { DASHBOARD_NAMES, readDashboard } from "./dashboards.ts";
import { finishDashboard } from "./finish-dashboard.ts";

/** Serves `/grafana/NAME.json` to whoever may read metrics. `refusal` answers everybody else. */
export function serveDashboards(
  app: Hono,
  ports: { rules(): Promise<PrintedFor> },
  refusal: (c: Context) => Promise<Response | undefined>,
): void {
  readable(app, "/grafana/:file", async (c) => {
    const refused = await refusal(c);
    if (refused !== undefined) return refused;
    const [, name = ""] = /^([a-z]+)\.json$/.exec(c.req.param("file") ?? "") ?? [];
    const file = await readDashboard(name);
    if (file === undefined) return refuse(c, 404, `Dashboard not found. There are: ${DASHBOARD_NAMES.join(", ")}.`);
    const { rules: inForce, externalUrl } = await ports.rules();
    const origin = externalUrl ?? new URL(c.req.url).origin;
    return c.json(finishDashboard(file, { rules: inForce, externalUrl: origin }), 200, { "cache-control": "no-store" });
  });
}
