import { type Failure, type FailureDetail, failure, type Reason } from "../model/probing/failure.ts";
import type { StepResult } from "./kind.ts";

/** The step went as a healthy server makes it go. */
export const OK: StepResult = { outcome: "ok" };

/** The step failed. */
export const failed = (cause: Failure): StepResult => ({ outcome: "failed", failure: cause });

/** The step cannot be judged. */
export const skipped = (cause: Failure): StepResult => ({ outcome: "skipped", failure: cause });

/** The server answered, and the answer is wrong for a reason of ours. */
export const wrong = (reason: Reason, message: string, hint?: FailureDetail["hint"]): StepResult =>
  failed(failure(reason, true, hint === undefined ? { message } : { message, hint }));

/** The step is one that must be refused: `codes` are the refusals that are right, `accepted` is what it means if it is not. */
export function refusal(
  answer: { ok: true } | { ok: false; failure: Failure },
  codes: readonly Reason[],
  accepted: StepResult,
): StepResult {
  if (answer.ok) return accepted;
  return codes.includes(answer.failure.reason) ? OK : failed(answer.failure);
}
