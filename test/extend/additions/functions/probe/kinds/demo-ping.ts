import * as z from "zod";
import { Health } from "../../../proto/gen/grpc/health/v1/health_pb.ts";
import { PROBE_SOURCE } from "../../model/families/zako-families.ts";
import type { Family } from "../../model/metric.ts";
import type { ProbeKind, Run, StepResult } from "../kind.ts";
import { failed, OK, skipped } from "../step-result.ts";

const Options = z.strictObject({
  pings: z.int().min(1).max(5).default(2).meta({ description: "How many calls a run makes." }),
});
type Options = z.output<typeof Options>;

const PING: Family = {
  name: "zako_v1_demo_ping_seconds",
  type: "gauge",
  help: "How long the slowest ping of the last run took.",
  labels: ["target", "source"],
};

export const demoPing: ProbeKind<Options> = {
  kind: "demo.ping",
  doc: "Calls the health service some times in a row, and measures the slowest call.",
  tier: "cas",
  schedule: "rotating",
  recheck: "safe",
  defaults: { enabled: true, intervalMs: 60_000, timeoutMs: 5_000, critical: false },
  options: Options,
  calls: ({ pings }) => pings,
  writesBytes: () => 0,
  tokensIssued: 0,
  steps: ["ping"],
  minorSteps: [],
  families: [PING],
  rules: [
    {
      name: "ZakoDemoPingSlow",
      severity: "warning",
      condition: { kind: "threshold", metric: PING.name, op: ">", value: 2 },
      forMs: 300_000,
      summary: "Pings are slow.",
      description: "The slowest ping of {{ $labels.target }} takes {{ $value | humanizeDuration }}.",
      runbook: "demo-ping-slow",
    },
  ],
  runbooks: [
    {
      slug: "demo-ping-slow",
      alerts: ["ZakoDemoPingSlow"],
      means: "The slowest of several calls in a row takes longer than two seconds.",
      impact: "Builds that make many small calls wait.",
      check: ["`zako_v1_demo_ping_seconds`: since when."],
      fix: ["Find what keeps the server busy."],
    },
  ],
  initial: () => [],

  async run(run) {
    await run.step("ping", () => ping(run));
    return undefined;
  },
};

async function ping(run: Run<Options>): Promise<StepResult> {
  let slowestMs = 0;
  for (let nth = 0; nth < run.options.pings; nth++) {
    const before = run.now();
    const answer = await run.cas.call(Health.method.check, [{}]);
    // On by default, it must not fail at a server that does not offer what it asks.
    if (!answer.ok)
      return answer.failure.reason === "rpc_unimplemented" ? skipped(answer.failure) : failed(answer.failure);
    slowestMs = Math.max(slowestMs, run.now() - before);
  }
  run.observe(PING, slowestMs / 1_000, PROBE_SOURCE);
  return OK;
}
