import type { ServerResponse } from "node:http";
import { availableParallelism, totalmem } from "node:os";
import type { ZakoState } from "../zako-control.ts";
import { type MetricsFault, metricsFaults } from "./metrics-faults.ts";
import type { NodeRequest, NodeResponse } from "./send.ts";

type Listener = (req: NodeRequest, res: NodeResponse) => void;

/** What the endpoint is made of. */
export interface MetricsOptions {
  state(): ZakoState;
  recommendedConcurrency: number;
  /** Told of each scrape. */
  onScrape(): void;
}

/** `GET /metrics` over HTTP/1.1: what a Zako tells of itself in Prometheus' text format. */
export class Metrics {
  /** What is wrong with it at the moment. */
  fault: MetricsFault | undefined;
  readonly #options: MetricsOptions;
  #startedAt = Date.now();

  constructor(options: MetricsOptions) {
    this.#options = options;
  }

  /** As if the process had just started; its totals are the server's to reset. */
  reset(): void {
    this.fault = undefined;
    this.#startedAt = Date.now();
  }

  /** Answers what is a scrape, and leaves all else to the other listener. */
  before(next: Listener): Listener {
    return (req, res) => {
      if (req.url !== "/metrics" || req.method !== "GET") return next(req, res);
      this.#options.onScrape();
      if (this.fault === undefined) answer(res as ServerResponse, this.text());
      else metricsFaults.get(this.fault.name)?.(res as ServerResponse, this.text(), this.fault);
    };
  }

  /** The exposition of an honest server. */
  text(): string {
    const { requests, tokens, bytes, blobs, connections, calls } = this.#options.state();
    const cpu = process.cpuUsage();
    const cas = sums(
      requests,
      (row) => row.method.startsWith("cas."),
      (row) => `method="${row.method.slice(4)}",code="${row.code}"`,
    );
    const downloads = sums(
      requests,
      (row) => row.method === "transport.Download",
      (row) => row.code,
    );
    const [hits = 0, misses = 0] = [downloads.get("ok"), downloads.get("not_found")];
    const metrics: [name: string, type: string, values: Iterable<readonly [labels: string, value: number]>][] = [
      ["zako_v1_cas_requests_total", "counter", cas],
      ["zako_v1_cas_tokens_issued_total", "counter", [["", tokens.issued]]],
      ["zako_v1_cas_tokens_held", "gauge", [["", tokens.kept]]],
      ["zako_v1_cas_recommended_concurrency", "gauge", [["", this.#options.recommendedConcurrency]]],
      ["zako_v1_cas_actual_concurrency", "gauge", [["", calls.inFlight]]],
      ["zako_v1_cas_active_connections", "gauge", [["", connections.open]]],
      ["zako_v1_transport_upload_bytes_total", "counter", [["", bytes.uploaded]]],
      ["zako_v1_transport_download_bytes_total", "counter", [["", bytes.downloaded]]],
      ["zako_v1_cache_hit_ratio", "gauge", hits + misses === 0 ? [] : [["", hits / (hits + misses)]]],
      ["zako_v1_resource_cas_directory_bytes", "gauge", [["", blobs.sizeBytes]]],
      ["zako_v1_resource_memory_bytes", "gauge", [["", totalmem()]]],
      ["zako_v1_resource_cpu_cores", "gauge", [["", availableParallelism()]]],
      ["zako_v1_process_resident_memory_bytes", "gauge", [["", process.memoryUsage().rss]]],
      ["zako_v1_process_cpu_seconds_total", "counter", [["", (cpu.user + cpu.system) / 1e6]]],
      ["process_start_time_seconds", "gauge", [["", this.#startedAt / 1000]]],
    ];
    return metrics
      .map(([name, type, values]) => {
        const lines = [...values].map(([labels, value]) => `${name}${labels === "" ? "" : `{${labels}}`} ${value}\n`);
        return `# TYPE ${name} ${type}\n${lines.join("")}`;
      })
      .join("");
  }
}

type Row = ZakoState["requests"][number];

function sums(rows: readonly Row[], wanted: (row: Row) => boolean, key: (row: Row) => string): Map<string, number> {
  const out = new Map<string, number>();
  for (const row of rows.filter(wanted)) out.set(key(row), (out.get(key(row)) ?? 0) + row.count);
  return out;
}

function answer(res: ServerResponse, text: string): void {
  res.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  res.end(text);
}
