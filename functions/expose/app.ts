import { type Context, type Handler, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Family } from "../model/metric.ts";
import { checkBearer } from "./bearer.ts";
import { createExposition, type ExpositionSource } from "./exposition.ts";
import { judgeHealth, type MonitorHealth } from "./judge-health.ts";
import { acceptsGzip, negotiateFormat } from "./negotiate.ts";
import { type PrintedFor, printRules } from "./prometheus-rules.ts";
import { type PushPorts, routePush } from "./push/receiver.ts";
import { RUNBOOKS } from "./runbooks/registry.ts";
import { type RunbookPage, renderRunbook, renderRunbookList } from "./runbooks/render-runbook.ts";

/** All that the HTTP side needs of the rest. */
export interface AppPorts extends ExpositionSource {
  /** An entry per shard, undefined for a Monitor that gave no answer. */
  health(): Promise<readonly (MonitorHealth | undefined)[]>;
  /** Families in the order in which they are shown. */
  families: readonly Family[];
  /** No token is asked for on `/metrics`. */
  metricsPublic: boolean;
  /** The secret `METRICS_TOKEN`; undefined where it is not set. */
  metricsToken(): string | undefined;
  /** `_created` samples in OpenMetrics answers. */
  created: boolean;
  /** What is printed for Prometheus and shown beside the runbooks. Without an `externalUrl` links go where one asked. */
  rules: PrintedFor;
  push: PushPorts;
  gridMs: number;
  /** Epoch ms. */
  now(): number;
  /** Takes a bug that a handler ended in; the caller sees none of it. */
  report(error: unknown): void;
}

const SECURITY_HEADERS = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
} as const;

const INDEX = `zako-watch

/metrics               what was measured, for Prometheus (text and OpenMetrics)
/prometheus/rules.yml  the alerting rules, for Prometheus
/runbooks              what alerts mean and what to do
/healthz               whether probing goes on
/v1/metrics, /v1/traces   OTLP over HTTP is received here
`;

/**
 * The HTTP side. Make it once per isolate: it keeps rendered answers. Every error has one shape, a JSON object whose
 * `error` says what was wrong and what to do.
 */
export function createApp(ports: AppPorts): Hono {
  const app = new Hono();
  const exposition = createExposition(ports, ports.families, ports.created);

  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(SECURITY_HEADERS))
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
  });

  readable(app, "/", (c) => c.text(INDEX));

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

  readable(app, "/metrics", async (c) => {
    const refusal = await refuseUnlessReader(c, ports);
    if (refusal !== undefined) return refusal;
    const format = negotiateFormat(c.req.header("accept"));
    const gzip = acceptsGzip(clientAcceptEncoding(c.req.raw));
    const body = await exposition.body(format.openMetrics, gzip);
    if (body === undefined) return refuse(c, 503, "No Monitor gave an answer; try again, and see the Worker's logs.");
    const headers = new Headers({
      "content-type": format.contentType,
      "cache-control": "no-store",
      vary: "Accept, Accept-Encoding",
    });
    if (!gzip) return new Response(body, { headers });
    headers.set("content-encoding", "gzip");
    return new Response(body, { headers, encodeBody: "manual" });
  });

  readable(app, "/prometheus/rules.yml", async (c) => {
    const refusal = await refuseUnlessReader(c, ports);
    if (refusal !== undefined) return refusal;
    const { origin } = new URL(c.req.url);
    const text = printRules({ ...ports.rules, externalUrl: ports.rules.externalUrl ?? origin });
    return c.body(text, 200, { "content-type": "application/yaml; charset=utf-8", "cache-control": "no-store" });
  });

  readable(app, "/runbooks", async (c) => runbookPage(c, await renderRunbookList(RUNBOOKS)));
  readable(app, "/runbooks/:slug", async (c) => {
    const runbook = RUNBOOKS.find(({ slug }) => slug === c.req.param("slug"));
    if (runbook === undefined) return refuse(c, 404, "There is no such runbook; /runbooks lists them.");
    return runbookPage(c, await renderRunbook(runbook, ports.rules.rules));
  });

  routePush(app, ports.push);

  app.notFound((c) => refuse(c, 404, "There is nothing at this path; / lists what there is."));
  app.onError((error, c) => {
    ports.report(error);
    return refuse(c, 500, "This is a bug in zako-watch; the Worker's logs have the details.");
  });
  return app;
}

/** A route that answers GET and HEAD and refuses all else. */
function readable(app: Hono, path: string, handler: Handler): void {
  app.get(path, handler);
  app.all(path, (c) => refuse(c, 405, "Only GET and HEAD are answered here.", { allow: "GET, HEAD" }));
}

/** Refuses who has not the token that reading takes; undefined where all is well. */
async function refuseUnlessReader(c: Context, ports: AppPorts): Promise<Response | undefined> {
  if (ports.metricsPublic) return undefined;
  const guard = { binding: "METRICS_TOKEN", secret: ports.metricsToken() };
  const refusal = await checkBearer(c.req.header("authorization"), guard);
  return refusal && refuse(c, 401, refusal.message, { "www-authenticate": refusal.challenge });
}

const runbookPage = (c: Context, { html, policy }: RunbookPage): Response =>
  c.html(html, 200, { "content-security-policy": policy, "cache-control": "public, max-age=300" }) as Response;

const refuse = (c: Context, status: ContentfulStatusCode, error: string, headers: Record<string, string> = {}) =>
  c.json({ error }, status, { "cache-control": "no-store", ...headers });

/** What the client itself accepts: on the platform's edge the header may have been rewritten on its way to us. */
function clientAcceptEncoding(request: Request): string | null {
  const own = (request as Request<unknown, IncomingRequestCfProperties>).cf?.clientAcceptEncoding;
  return own ?? request.headers.get("accept-encoding");
}
