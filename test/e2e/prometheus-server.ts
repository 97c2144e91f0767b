import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startChild } from "./child.ts";
import { freePort } from "./product.ts";
import type { Context } from "./story.ts";

/** A series at an instant, as Prometheus answers with it. */
export interface Series {
  metric: Record<string, string>;
  value: [number, string];
}

/** A running Prometheus. */
export interface Prometheus {
  readonly url: string;
  /** All that it printed. */
  lines: readonly string[];
  /** One of its own answers; throws where it refuses. */
  api<T>(path: string, parameters?: Record<string, string>): Promise<T>;
  /** An instant query. */
  query(expression: string): Promise<Series[]>;
}

/** Starts a Prometheus that scrapes `host:port` by job every two seconds; ended with the story. */
export const startPrometheus = (ctx: Context, jobs: Readonly<Record<string, string>>): Promise<Prometheus> => {
  const scrapes = Object.entries(jobs).map(
    ([name, host]) => `  - job_name: ${name}\n    static_configs: [{ targets: ["${host}"] }]\n`,
  );
  const text = `global: { scrape_interval: 2s, scrape_timeout: 2s }\nscrape_configs:\n${scrapes.join("")}`;
  return startPrometheusWith(ctx, text);
};

/** Starts a Prometheus with this configuration; ended with the story. */
export async function startPrometheusWith(ctx: Context, text: string): Promise<Prometheus> {
  const folder = join(ctx.scratch, "prometheus");
  mkdirSync(folder);
  const config = join(folder, "prometheus.yml");
  writeFileSync(config, text);
  return startPrometheusIn(ctx, folder);
}

/** Starts a Prometheus with the `prometheus.yml` of a folder; ended with the story. */
export async function startPrometheusIn(ctx: Context, folder: string): Promise<Prometheus> {
  const config = join(folder, "prometheus.yml");
  const listen = `127.0.0.1:${await freePort()}`;
  const args = [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, "data")}`];
  args.push(`--web.listen-address=${listen}`, "--enable-feature=exemplar-storage");
  const child = startChild("prometheus", args, folder);
  ctx.defer(() => {
    child.signalGroup("SIGTERM");
    return child.ended;
  });
  await child.line(/ready to receive web requests/);
  const api = async <T>(path: string, parameters: Record<string, string> = {}): Promise<T> => {
    const response = await fetch(`http://${listen}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const answer = (await response.json()) as { status: string; data: T };
    if (answer.status !== "success") throw new Error(`${path} ${parameters["query"]}: ${JSON.stringify(answer)}`);
    return answer.data;
  };
  const query = async (expression: string): Promise<Series[]> =>
    (await api<{ result: Series[] }>("query", { query: expression })).result;
  return { url: `http://${listen}`, lines: child.lines, api, query };
}
