import type { Failure } from "../../model/probing/failure.ts";
import type { StepResult } from "../kind.ts";
import type { Observation } from "../rpc/rpc.ts";
import { failed, skipped } from "../step-result.ts";

const HINT =
  "this Zako does not offer diagnostics: implement the service as proto/README.md says, or disable this probe";

/**
 * The result of a failed call to the diagnostics service. Not offering the service is not a defect: such a server answers
 * unimplemented, or a front end before it answers HTTP 404.
 */
export function unanswered({ failure, observation }: { failure: Failure; observation: Observation }): StepResult {
  const notServed = failure.reason === "http_status" && observation.httpStatus === 404;
  return failure.reason === "rpc_unimplemented" || notServed ? skipped({ ...failure, hint: HINT }) : failed(failure);
}

/** Converts nanoseconds to seconds. */
export const seconds = (nanos: bigint): number => Number(nanos) / 1e9;
