import { readFileSync } from "node:fs";
import { join } from "node:path";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import type { LocalRun } from "../../functions/cli/local-run.ts";
import { type Alert, AlertingService, type Incident, type Uptime } from "../../proto/gen/watch/v1/alerting_pb.ts";
import type { Product } from "./product.ts";
import type { Context } from "./story.ts";

function alertingOf({ project, url }: Product) {
  const run = join(project, ".wrangler/local-runs", `${new URL(url).port}.json`);
  const { adminToken } = JSON.parse(readFileSync(run, "utf8")) as LocalRun;
  const client = createClient(AlertingService, createConnectTransport({ baseUrl: url }));
  return { client, options: { headers: { authorization: `Bearer ${adminToken}` } } };
}

/** Recorded incidents, the earliest first; waits a moment for the last one to be closed. */
export async function incidentsOf(ctx: Context, product: Product): Promise<Incident[]> {
  const { client, options } = alertingOf(product);
  const ask = async (): Promise<Incident[]> => {
    const { incidents } = await client.listIncidents({ pageSize: 1_000 }, options);
    const openedMs = ({ openedAt }: Incident): number => (openedAt === undefined ? 0 : timestampMs(openedAt));
    return incidents.sort((a, b) => openedMs(a) - openedMs(b));
  };
  const isOver = async (): Promise<boolean> => (await ask()).every((one) => one.closedAt !== undefined);
  await ctx.until("every incident is closed", isOver, 15_000).catch(() => {});
  return ask();
}

/** Alerts that are firing. */
export async function firingAlertsOf(product: Product): Promise<Alert[]> {
  const { client, options } = alertingOf(product);
  return (await client.listAlerts({ pageSize: 1_000 }, options)).alerts;
}

/** Uptime by target. */
export async function uptimesOf(product: Product): Promise<Map<string, Uptime>> {
  const { client, options } = alertingOf(product);
  const { uptimes } = await client.listUptimes({ pageSize: 1_000 }, options);
  return new Map(uptimes.map((one) => [one.target, one]));
}
