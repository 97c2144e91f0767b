import type { ProbePlan, Target } from "../../functions/model/probing/target.ts";

/** A plan with the given parts, and something plausible for the rest. */
export const anyPlan = (of: Partial<ProbePlan> = {}): ProbePlan => ({
  kind: "health",
  intervalMs: 60_000,
  timeoutMs: 10_000,
  critical: true,
  thresholds: { failures: 2, outOf: 3, recoveries: 3 },
  options: {},
  ...of,
});

/** A target with the given parts, and something plausible for the rest. */
export const anyTarget = (of: Partial<Target> = {}): Target => ({
  name: "zako",
  casUrl: "https://cas.example.com",
  transportUrl: "https://transport.example.com",
  protocol: "connect",
  labels: {},
  budgets: { writeBytesPerDay: 1_000_000, tokensPerDay: 1_000 },
  probes: [anyPlan()],
  ...of,
});
