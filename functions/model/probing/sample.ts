import type { Observation } from "../metric.ts";
import { type Failure, isUnreachable, type Reason } from "./failure.ts";
import type { MemoryPatch } from "./memory.ts";
import type { ReportedMetric } from "./reported-metric.ts";
import type { Vantage } from "./vantage.ts";

/**
 * Outcome of a run. `degraded`: it works, but slowly or with a failed minor step. `skipped`: the target does not offer what
 * the probe needs, or a budget is spent. `blocked`: not run, because the root of its dependency group did not reach the
 * server in the same slot. The last two count neither as good nor as failed.
 */
export type Outcome = "ok" | "degraded" | "failed" | "skipped" | "blocked";

/** Packed storage keeps the index: append only. */
export const OUTCOMES = ["ok", "degraded", "failed", "skipped", "blocked"] as const satisfies readonly Outcome[];

/** One step of a run, with the reason if it failed or was skipped. */
export interface Step {
  name: string;
  outcome: "ok" | "failed" | "skipped";
  durationMs: number;
  failure?: Failure;
}

/** One call of a run, for a transcript: what was sent, what came back, and how long it took. */
export interface SeenCall {
  /** The step that made it. */
  step: string;
  /** `package.Service/Method`. */
  method: string;
  /** `ok`, or why it failed. */
  result: "ok" | Reason;
  /** Absent if there was no HTTP answer. */
  httpStatus?: number;
  sentBytes: number;
  receivedBytes: number;
  /** Messages received. */
  messages: number;
  /** Until the headers came, ms; absent if none came. */
  headersMs?: number;
  /** Until the answer ended, ms. */
  totalMs: number;
  /** Attempts after the first. */
  retries: number;
}

/** One run of one probe from one vantage: the unit that is counted, judged and stored. */
export interface Sample {
  target: string;
  probe: string;
  vantage: Vantage;
  /** Start of the run's slot, epoch ms; not when it really started. */
  slot: number;
  /** 0 for the scheduled run, 1 for its confirmation, from 2 on rechecks. */
  attempt: number;
  startedAt: number;
  durationMs: number;
  /** How long the run waited for a connection before it started, ms; absent if it needed none. */
  queuedMs?: number;
  outcome: Outcome;
  /** Present unless the outcome is `ok`. */
  failure?: Failure;
  /** False if a good outcome does not prove recovery, such as an upload whose blob already existed; otherwise absent. */
  recovers?: false;
  steps: readonly Step[];
  /** Only if the task asks for them. */
  calls?: readonly SeenCall[];
  /** Measurements for the metric families that the kind declares. */
  observations: readonly Observation[];
  /** What the target reported about itself. The Monitor turns totals into increments of our series. */
  metrics?: readonly ReportedMetric[];
  /** What the Monitor remembers for later runs. */
  memory?: MemoryPatch;
  /** W3C trace id sent with every call of the run, 32 hex digits. */
  traceId: string;
}

/** Why a sample is not `ok`; undefined if it is. */
export const reasonOf = (sample: Pick<Sample, "failure">): Reason | undefined => sample.failure?.reason;

/** Whether a run failed and all its failed steps only mean that the server is unreachable. */
export const foundNoServer = ({ outcome, failure, steps }: Pick<Sample, "outcome" | "failure" | "steps">): boolean =>
  outcome === "failed" &&
  failure !== undefined &&
  isUnreachable(failure) &&
  steps.every((step) => step.failure !== undefined && isUnreachable(step.failure));
