import type { Context, Hono } from "hono";
import { MAX_ANSWER_BYTES } from "../../model/exposed-size.ts";
import type { Family } from "../../model/metric.ts";
import { readable, refuse } from "../refuse.ts";
import { clientAcceptEncoding } from "../send-text.ts";
import { type Answer, createExposition, type ExpositionSource } from "./exposition.ts";
import { acceptsGzip, negotiateFormat } from "./negotiate-format.ts";
import { type Asked, readAsked } from "./read-asked.ts";

/** What `/metrics` and `/sd/prometheus` need. */
export interface MetricsPorts extends ExpositionSource {
  /** Families in the order in which they are shown. */
  families: readonly Family[];
  /** `_created` samples in OpenMetrics answers. */
  created: boolean;
  /** Origin under which people reach this installation; undefined: that of the request. */
  externalUrl: string | undefined;
}

/** Refuses a caller who may not read; undefined where he may. */
type Gate = (c: Context) => Promise<Response | undefined>;

/** The metrics, and where Prometheus finds them: a scrape per shard. */
export function serveMetrics(app: Hono, ports: MetricsPorts, gate: Gate): void {
  const exposition = createExposition(ports, ports.families, ports.created);
  readable(app, "/metrics", async (c) => {
    const refusal = await gate(c);
    if (refusal !== undefined) return refusal;
    const read = readAsked(new URL(c.req.url).searchParams, ports);
    if (!read.ok) return refuse(c, 400, read.error);
    const format = negotiateFormat(c.req.header("accept"));
    const gzip = acceptsGzip(clientAcceptEncoding(c.req.raw));
    const answer = await exposition.answer(read.asked, { openMetrics: format.openMetrics, gzip });
    if (answer.kind !== "body") return refuseAnswer(c, answer, read.asked, ports.shards);
    const headers = new Headers({
      "content-type": format.contentType,
      "cache-control": "no-store",
      vary: "Accept, Accept-Encoding",
    });
    if (!gzip) return new Response(answer.body, { headers });
    headers.set("content-encoding", "gzip");
    return new Response(answer.body, { headers, encodeBody: "manual" });
  });
  readable(app, "/sd/prometheus", async (c) => {
    const refusal = await gate(c);
    if (refusal !== undefined) return refusal;
    const origin = ports.externalUrl ?? new URL(c.req.url).origin;
    return c.json(scrapeTargets(origin, ports.shards), 200, { "cache-control": "no-store" });
  });
}

/** An entry of Prometheus' HTTP service discovery. */
interface ScrapeTarget {
  targets: string[];
  labels: Record<string, string>;
}

/**
 * One scrape per shard. All have the same address, so `instance` tells them apart; the rules aggregate it away. It is no
 * label `shard`: the prober's own series have one, and a target's series must not change when it moves to another shard.
 */
function scrapeTargets(origin: string, shards: number): ScrapeTarget[] {
  const { host, protocol } = new URL(origin);
  return Array.from({ length: shards }, (_, shard) => ({
    targets: [host],
    labels: {
      __scheme__: protocol.slice(0, -1),
      __metrics_path__: "/metrics",
      __param_shard: `${shard}`,
      instance: `${host}/${shard}`,
    },
  }));
}

function refuseAnswer(
  c: Context,
  answer: Exclude<Answer, { kind: "body" }>,
  { shards: asked }: Asked,
  shards: number,
): Response {
  switch (answer.kind) {
    case "silent":
      return refuse(c, 503, "No Monitor answered. Try again, and check the Worker's logs.");
    case "unwatched":
      return refuse(
        c,
        400,
        `Target ${JSON.stringify(answer.targets[0]?.slice(0, 80))} is not watched. /metrics?family=zako_v1_target_state shows all targets.`,
      );
    case "large":
      // The phrase of this status is all that Prometheus shows of an error, and says what is wrong.
      return refuse(c, 413, tooLarge(answer.bytes, asked.length, shards));
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function tooLarge(bytes: number, asked: number, shards: number): string {
  const size = `The answer would have about ${megabytes(bytes)}, and /metrics sends at most ${megabytes(MAX_ANSWER_BYTES)}.`;
  if (asked > 1)
    return `${size} Scrape each shard by itself: use /sd/prometheus as http_sd_configs, or ask for /metrics?shard=0 to /metrics?shard=${shards - 1}.`;
  const enough = Math.min(256, Math.ceil((shards * bytes * 1.25) / MAX_ANSWER_BYTES));
  return `${size} The shard has too many series: set \`shards: ${enough}\` in watch.yaml, or narrow the answer with target or family.`;
}
