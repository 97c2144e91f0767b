import { Code } from "@connectrpc/connect";
import { type Context, Hono } from "hono";
import OPENAPI from "../../proto/openapi.json" with { type: "json" };
import { createRpc, RPC_PATHS, type RpcMethod, type RpcPorts } from "./api/rpc.ts";
import { protocolOf, rpcError } from "./api/rpc-protocol.ts";
import { checkBearer } from "./auth/bearer.ts";
import { type Auth, type AuthPorts, createAuth } from "./auth/create-auth.ts";
import { serveDashboards } from "./grafana/serve-dashboards.ts";
import { judgeHealth } from "./judge-health.ts";
import { type MetricsPorts, serveMetrics } from "./metrics/serve-metrics.ts";
import type { HtmlPage } from "./pages/html-page.ts";
import { type PagePorts, servePages } from "./pages/serve-pages.ts";
import { type ProbePorts, serveProbe } from "./probe/serve-probe.ts";
import { type PrintedFor, printRules } from "./prometheus/prometheus-rules.ts";
import { type PushPorts, routePush } from "./push/receiver.ts";
import { readable, refuse } from "./refuse.ts";
import { RUNBOOKS } from "./runbooks/registry.ts";
import { renderRunbook, renderRunbookList } from "./runbooks/render-runbook.ts";
import { type ServedStatusPorts, serveStatus } from "./status/serve-status.ts";

/** What the HTTP side needs from the other parts. */
export interface AppPorts extends MetricsPorts, RpcPorts, PagePorts, AuthPorts, ServedStatusPorts {
  /**
   * Rules in force, as printed for Prometheus and shown beside the runbooks. Without an `externalUrl`, links use the
   * origin of the request.
   */
  rules: () => Promise<PrintedFor>;
  push: PushPorts;
  probe: ProbePorts;
  /** A local run: it answers only to names of this machine, and to that of its own `external_url`. */
  local: boolean;
  /** `external_url` of the configuration. */
  externalUrl: string | undefined;
}

const SECURITY_HEADERS = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "permissions-policy":
    "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()",
} as const;
/** Only over https, where alone it means something: a year. */
const HSTS = "max-age=31536000";

/**
 * The HTTP side. Make it once per isolate: it keeps rendered answers. Every error says what was wrong and what to do: as
 * a JSON object's `error`, as an error of the API's protocol, or as a page.
 */
export function createApp(ports: AppPorts): Hono {
  const app = new Hono();
  const auth = createAuth(ports);
  addSecurityHeaders(app);
  if (ports.local) refuseForeignHosts(app, ports.externalUrl);
  serveStatus(app, ports, auth);
  serveHealth(app, ports);
  serveMetrics(app, ports, (c) => refuseUnlessReader(c, ports, auth));
  serveRules(app, ports, auth);
  serveProbe(app, ports.probe, (c) => refuseUnlessProber(c, ports, auth));
  serveDashboards(app, ports, (c) => refuseUnlessReader(c, ports, auth));
  serveRunbooks(app, ports);
  routePush(app, ports.push, auth);
  servePages(app, ports, auth);
  serveRpc(app, ports, auth);
  refuseTheRest(app, ports);
  return app;
}

function addSecurityHeaders(app: Hono): void {
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(SECURITY_HEADERS))
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    if (new URL(c.req.url).protocol === "https:") c.res.headers.set("strict-transport-security", HSTS);
  });
}

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** A page of another site that has its name point to this machine must not read what needs no token here. */
function refuseForeignHosts(app: Hono, externalUrl: string | undefined): void {
  const own = externalUrl === undefined ? undefined : new URL(externalUrl).hostname;
  app.use(async (c, next) => {
    const host = URL.parse(`http://${c.req.header("host") ?? new URL(c.req.url).host}`)?.hostname ?? "";
    if (LOOPBACK.has(host) || host === own) return next();
    const words = `This is a local run, which does not answer to the host ${JSON.stringify(host)}. Use 127.0.0.1 or localhost, or set \`external_url\`.`;
    return refuse(c, 421, words);
  });
}

function serveHealth(app: Hono, ports: AppPorts): void {
  readable(app, "/healthz", async (c) => {
    const { status, lastSlot, ageMs, why } = judgeHealth(await ports.health(), ports.gridMs, ports.now());
    const body = {
      status,
      lastSlot: lastSlot === undefined ? null : new Date(lastSlot).toISOString(),
      ageSeconds: ageMs === undefined ? null : ageMs / 1000,
      why,
    };
    return c.json(body, status === "ok" || status === "starting" ? 200 : 503, { "cache-control": "no-store" });
  });
}

function serveRules(app: Hono, ports: AppPorts, auth: Auth): void {
  readable(app, "/prometheus/rules.yml", async (c) => {
    const refusal = await refuseUnlessReader(c, ports, auth);
    if (refusal !== undefined) return refusal;
    const { origin } = new URL(c.req.url);
    const inForce = await ports.rules();
    const text = printRules({ ...inForce, externalUrl: inForce.externalUrl ?? origin });
    return c.body(text, 200, { "content-type": "application/yaml; charset=utf-8", "cache-control": "no-store" });
  });
}

function serveRunbooks(app: Hono, ports: AppPorts): void {
  readable(app, "/runbooks", async (c) => runbookPage(c, await renderRunbookList(RUNBOOKS)));
  readable(app, "/runbooks/:slug", async (c) => {
    const runbook = RUNBOOKS.find(({ slug }) => slug === c.req.param("slug"));
    if (runbook === undefined) return refuse(c, 404, "Runbook not found. /runbooks lists all runbooks.");
    const { rules } = await ports.rules();
    return runbookPage(c, await renderRunbook(runbook, rules));
  });
}

function serveRpc(app: Hono, ports: AppPorts, auth: Auth): void {
  const rpc = createRpc(ports, auth);
  readable(app, "/openapi.json", (c) => c.json(OPENAPI, 200, { "cache-control": "public, max-age=300" }));
  for (const path of RPC_PATHS) app.all(path, (c) => callRpc(c, rpc.get(new URL(c.req.url).pathname)));
}

function refuseTheRest(app: Hono, ports: AppPorts): void {
  app.notFound(
    (c) =>
      unknownMethod(c.req.raw) ??
      refuse(c, 404, "Page not found. / is the status page, and docs/protecting.md lists all paths."),
  );
  app.onError((error, c) => {
    ports.report(error);
    return refuse(c, 500, "This is a bug in zako-watch. The Worker's logs have the details.");
  });
}

/** Refuses a caller without the reader token; undefined where the caller may read. */
async function refuseUnlessReader(c: Context, ports: AppPorts, auth: Auth): Promise<Response | undefined> {
  if (ports.metricsPublic) return undefined;
  const refusal = await checkBearer({ route: "metrics", headers: c.req.raw.headers }, auth.metrics(), auth.gate);
  return refusal && refuse(c, refusal.status, refusal.message, refusal.headers);
}

/** Refuses a caller without the token for runs on request. A local run asks for it only where it is set. */
async function refuseUnlessProber(c: Context, ports: AppPorts, auth: Auth): Promise<Response | undefined> {
  if (ports.local && (ports.probeToken() ?? "") === "") return undefined;
  const refusal = await checkBearer({ route: "probe", headers: c.req.raw.headers }, auth.probe(), auth.gate);
  return refusal && refuse(c, refusal.status, refusal.message, refusal.headers);
}

const METHOD_NOT_FOUND = "Method not found. proto/watch/v1/alerting.proto lists the methods.";
/** `/package.Service/Method`, which no page has. */
const RPC_PATH = /^\/[A-Za-z_]\w*(\.\w+)+\/\w+$/;

/** The answer to a call of a method that does not exist, in the caller's protocol; undefined where it is not a call. */
function unknownMethod(request: Request): Response | undefined {
  const protocol = RPC_PATH.test(new URL(request.url).pathname) ? protocolOf(request) : undefined;
  return protocol && rpcError(protocol, request, Code.Unimplemented, METHOD_NOT_FOUND);
}

/** The library answers malformed calls with an empty body; these answers have a message. */
async function callRpc(c: Context, method: RpcMethod | undefined): Promise<Response> {
  if (method === undefined) return unknownMethod(c.req.raw) ?? refuse(c, 404, METHOD_NOT_FOUND);
  // A HEAD comes here in place of a GET.
  const request = c.req.method === "HEAD" ? new Request(c.req.raw, { method: "GET" }) : c.req.raw;
  if (!method.allow.includes(request.method)) {
    const allow = [...method.allow, ...(method.allow.includes("GET") ? ["HEAD"] : [])].join(", ");
    return refuse(c, 405, `Method not allowed. Use ${allow}.`, { allow });
  }
  const response = await method.call(request);
  if (response.status === 415)
    return refuse(c, 415, "Send application/json or application/proto (Connect), or application/grpc-web+proto.");
  const headers = new Headers(response.headers);
  headers.set("cache-control", "no-store");
  return new Response(response.body, { status: response.status, headers });
}

const runbookPage = (c: Context, { html, policy }: HtmlPage): Response =>
  c.html(html, 200, { "content-security-policy": policy, "cache-control": "public, max-age=300" }) as Response;
