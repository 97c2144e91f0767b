import { type Compiled, compileConfig } from "../../../functions/config/compile.ts";
import type { Config } from "../../../functions/model/config.ts";
import { SAMPLE_KINDS } from "./sample-kinds.ts";

export const compile = (document: unknown, local = false): Compiled => compileConfig(document, SAMPLE_KINDS, { local });

export function configOf(document: unknown, local = false): Config {
  const compiled = compile(document, local);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
  return compiled.config;
}

export const TARGET = { name: "cas-eu", cas: "https://cas.eu.example" };

/** A document with one of nearly everything. */
export const RICH = {
  installation: "prod",
  vantages: ["weur", "enam"],
  shards: 2,
  lanes: 3,
  defaults: {
    protocol: "connect",
    interval: "2m",
    timeout: "8s",
    thresholds: { failures: 3, out_of: 5 },
    write_budget_per_day: "8MiB",
    probes: { "transport.upload": { size: 2_048, interval: "20m" }, "transport.negative": true },
  },
  targets: [
    {
      ...TARGET,
      transport: "https://blobs.eu.example/zako/",
      protocol: "grpc",
      auth: { header: "Authorization", scheme: "Bearer", secret: "ZAKO_TOKEN" },
      transport_auth: { header: "x-token" },
      address: "10.0.0.1:9000",
      labels: { team: "build", tier: "1" },
      token_budget_per_day: 500,
      probes: {
        health: {
          interval: "90s",
          timeout: "5s",
          degraded_after: "500ms",
          critical: false,
          thresholds: { recoveries: 1, failures: 1 },
          service: "zako",
        },
        "cas.details": false,
        "transport.upload": { chunk: 512 },
      },
    },
    { name: "cas-us", cas: "https://cas.us.example", probes: { "transport.negative": false } },
  ],
  metrics: { public: true },
  retention: { samples_days: 7 },
};
