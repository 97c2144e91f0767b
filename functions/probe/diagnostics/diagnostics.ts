import type { Failure } from "../../model/probing/failure.ts";
import type { StepResult } from "../kind.ts";
import type { Observation } from "../rpc/rpc.ts";
import { failed, skipped } from "../step-result.ts";

const HINT =
  "this Zako does not offer diagnostics: implement the service as proto/README.md says, or disable this probe";

/**
 * What it means that a call of the diagnostics service failed. A server without the service is no defect: it answers
 * unimplemented, and a front before it perhaps HTTP 404.
 */
export function unanswered({ failure, observation }: { failure: Failure; observation: Observation }): StepResult {
  const notServed = failure.reason === "http_status" && observation.httpStatus === 404;
  return failure.reason === "rpc_unimplemented" || notServed ? skipped({ ...failure, hint: HINT }) : failed(failure);
}

/** Seconds of a count of nanoseconds. */
export const seconds = (nanos: bigint): number => Number(nanos) / 1e9;
