import { type Failure, type FailureDetail, failure, type Reason } from "../model/probing/failure.ts";
import type { StepResult } from "./kind.ts";

/** The step succeeded. */
export const OK: StepResult = { outcome: "ok" };

/** The step failed. */
export const failed = (cause: Failure): StepResult => ({ outcome: "failed", failure: cause });

/** The step cannot be judged. */
export const skipped = (cause: Failure): StepResult => ({ outcome: "skipped", failure: cause });

/** The server answered, and the answer is wrong. */
export const wrong = (reason: Reason, message: string, hint?: FailureDetail["hint"]): StepResult =>
  failed(failure(reason, true, hint === undefined ? { message } : { message, hint }));

/** Judges a call that must be refused. `codes`: correct refusals; `accepted`: the result if it was not refused. */
export function refusal(
  answer: { ok: true } | { ok: false; failure: Failure },
  codes: readonly Reason[],
  accepted: StepResult,
): StepResult {
  if (answer.ok) return accepted;
  return codes.includes(answer.failure.reason) ? OK : failed(answer.failure);
}
