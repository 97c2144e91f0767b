import type { Sample } from "./sample.ts";
import type { Vantage } from "./vantage.ts";

/** A result that somebody asks for outside the schedule. */
export interface ProbeRequest {
  /** Name of the target. */
  target: string;
  /** Kind of the probe. */
  probe: string;
  /** Where to run it; absent: from the first vantage. */
  vantage?: string;
  /** The answer must be there within this time, ms; absent: within the probe's own timeout. */
  timeoutMs?: number;
}

/** A result, of a run that was made for a request or of the schedule's newest. */
export interface ProbeResult extends Pick<Sample, "target" | "probe" | "outcome" | "failure" | "steps" | "calls"> {
  vantage: Vantage;
  /** Epoch ms. */
  startedAt: number;
  /** Absent where it is not kept: for a result of the schedule whose hour is over. */
  durationMs?: number;
  /** Absent for a result of the schedule. */
  traceId?: string;
  /** Deadline of the run, ms. */
  timeoutMs: number;
  /** `run`: made for a request. `schedule`: the probe writes, or costs the target otherwise, so it runs in its turn only. */
  from: "run" | "schedule";
  /** What the calls go through: https or plain HTTP. */
  isSecure: boolean;
  /** Whether it makes RPCs to the target. */
  isRpc: boolean;
}

/** `refused`: what was asked for does not exist. `no_result`: through no fault of the target. */
export type ProbeAnswer = { said: "result"; result: ProbeResult } | { said: "refused" | "no_result"; why: string };
