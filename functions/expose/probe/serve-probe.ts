import type { Context, Hono } from "hono";
import type { ProbeAnswer, ProbeRequest } from "../../model/probing/probe-request.ts";
import { readable, refuse } from "../refuse.ts";
import { blackboxMetrics } from "./blackbox-metrics.ts";
import { noResultWhy } from "./no-result.ts";
import { type Addressed, targetNamed } from "./target-named.ts";
import { transcriptOf } from "./transcript.ts";

/** What `/probe` needs from the other parts. */
export interface ProbePorts {
  /** Targets that may be asked for by URL. By name, those in force may be. */
  targets: readonly Addressed[];
  /** Asks the target's Monitor; undefined if it does not answer. */
  ask(request: ProbeRequest): Promise<ProbeAnswer | undefined>;
}

/** The module without `module`: what says whether a server works at all. */
const DEFAULT_MODULE = "health";
/** What Prometheus needs of its timeout for the way, ms: as much as blackbox_exporter leaves it. */
const TIMEOUT_OFFSET_MS = 500;
const TEXT = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Serves `GET /probe?target=&module=` as blackbox_exporter does: one result of a configured target in the Prometheus text
 * format, or with `debug=true` a transcript. A failed probe is an answer 200 with `probe_success 0`. What is no result is
 * answered 503, so that `up` is 0: the prober's own trouble is not the target's. `refusal` answers who may not ask.
 */
export function serveProbe(app: Hono, ports: ProbePorts, refusal: (c: Context) => Promise<Response | undefined>): void {
  readable(app, "/probe", async (c) => {
    const refused = await refusal(c);
    if (refused !== undefined) return refused;
    const request = readRequest(c, ports.targets);
    if ("why" in request) return refuse(c, 400, request.why);
    const answer = await ports.ask(request);
    if (answer === undefined) return refuse(c, 503, "No result: the Monitor of this target does not answer.");
    if (answer.said === "refused") return refuse(c, 400, answer.why);
    const why = answer.said === "result" ? noResultWhy(answer.result) : answer.why;
    const isDebug = c.req.query("debug") === "true";
    if (isDebug && answer.said === "result")
      return text(c, transcriptOf(answer.result, why), "text/plain; charset=utf-8");
    if (why !== undefined || answer.said !== "result") return refuse(c, 503, `No result: ${why}.`);
    return text(c, blackboxMetrics(answer.result), TEXT);
  });
}

const text = (c: Context, body: string, type: string): Response =>
  c.body(body, 200, { "content-type": type, "cache-control": "no-store" });

function readRequest(c: Context, targets: readonly Addressed[]): ProbeRequest | { why: string } {
  const asked = c.req.query("target") ?? "";
  if (asked === "") return { why: "Target parameter is missing. Add ?target= with the name or the URL of a target." };
  const named = targetNamed(asked, targets);
  if ("why" in named) return named;
  const timeout = timeoutOf(c.req.header("x-prometheus-scrape-timeout-seconds"));
  if (typeof timeout === "object") return timeout;
  const vantage = c.req.query("vantage");
  return {
    target: named.name,
    probe: c.req.query("module") || DEFAULT_MODULE,
    ...(vantage === undefined ? {} : { vantage }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
  };
}

/** The time for the answer, ms, from what Prometheus says of its own; undefined if it says nothing. */
function timeoutOf(header: string | undefined): number | undefined | { why: string } {
  if (header === undefined) return undefined;
  const ms = Number(header) * 1_000;
  if (!(ms > 0 && Number.isFinite(ms)))
    return {
      why: `X-Prometheus-Scrape-Timeout-Seconds must be a number of seconds above 0, not ${JSON.stringify(header)}.`,
    };
  return Math.max(ms - TIMEOUT_OFFSET_MS, ms / 2);
}
