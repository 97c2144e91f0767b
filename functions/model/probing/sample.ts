import type { Observation } from "../metric.ts";
import { type Failure, isUnreachable, type Reason } from "./failure.ts";
import type { MemoryPatch } from "./memory.ts";
import type { ReportedMetric } from "./reported-metric.ts";
import type { Vantage } from "./vantage.ts";

/**
 * What a run of a probe says. `degraded`: it works, but slowly or with a broken step that is not critical. `skipped`:
 * the target does not offer what was asked, or a budget forbids asking. `blocked`: not run, because the root of its
 * dependency group found no server in the same slot. The last two are neither up nor failing.
 */
export type Outcome = "ok" | "degraded" | "failed" | "skipped" | "blocked";

/** The order is the packed form in storage: append only. */
export const OUTCOMES = ["ok", "degraded", "failed", "skipped", "blocked"] as const satisfies readonly Outcome[];

/** One step of a run. A step that failed or was skipped says why. */
export interface Step {
  name: string;
  outcome: "ok" | "failed" | "skipped";
  durationMs: number;
  failure?: Failure;
}

/** One run of one probe from one vantage: the unit of everything that is counted, judged and stored. */
export interface Sample {
  target: string;
  probe: string;
  vantage: Vantage;
  /** Start of the slot the run belongs to, epoch ms; not when it really ran. */
  slot: number;
  /** 0 for the scheduled run, 1 for the confirmation of its failure, then rechecks. */
  attempt: number;
  startedAt: number;
  durationMs: number;
  outcome: Outcome;
  /** Present unless the outcome is `ok`. */
  failure?: Failure;
  /** Absent unless a good outcome does not show that what failed before works again: an upload whose blob was there. */
  recovers?: false;
  steps: readonly Step[];
  /** What the kind measured, for the metric families it declared. */
  observations: readonly Observation[];
  /** What the target told of itself; the Monitor makes additions to our series of it. */
  metrics?: readonly ReportedMetric[];
  /** What the Monitor shall remember for later runs. */
  memory?: MemoryPatch;
  /** W3C trace id that went out with every call of the run, 32 hex digits. */
  traceId: string;
}

/** Why a sample is not `ok`, if it is not. */
export const reasonOf = (sample: Pick<Sample, "failure">): Reason | undefined => sample.failure?.reason;

/** Whether a run failed, and each of its steps only says that the server is not there. */
export const foundNoServer = ({ outcome, failure, steps }: Pick<Sample, "outcome" | "failure" | "steps">): boolean =>
  outcome === "failed" &&
  failure !== undefined &&
  isUnreachable(failure) &&
  steps.every((step) => step.failure !== undefined && isUnreachable(step.failure));
