import type { Evidence, FailedStep } from "../../model/alerting/evidence.ts";
import { formatReason, grpcCodeOf } from "../../model/probing/failure.ts";

/** A failing step with its reason and status: `download: content does not match its digest (corrupt)`. */
function formatStep(failed: FailedStep, severalProbes: boolean): string {
  const { probe, step, reason } = failed;
  const where = [severalProbes ? probe : "", step ?? (severalProbes ? "" : probe)].filter((part) => part !== "");
  const code = grpcCodeOf(reason);
  return `${where.join(" ")}: ${formatFailure(failed, ...(code === undefined ? [] : [`grpc-status ${code}`]))}`;
}

/** Why a step failed, with its HTTP status where the words do not name it: `no complete answer, HTTP 524 (edge)`. */
export function formatFailure({ reason, message, httpStatus }: FailedStep, ...more: readonly string[]): string {
  const words = message ?? formatReason[reason];
  const isNamed = httpStatus === undefined || words.includes(String(httpStatus));
  return `${[words, ...(isNamed ? [] : [`HTTP ${httpStatus}`]), ...more].join(", ")} (${reason})`;
}

/** Failing steps, hints, the server's own words and the trace of an alert, as named lines. */
export function formatEvidence(evidence: Evidence | undefined): [name: string, text: string][] {
  if (evidence === undefined) return [];
  const { steps, traceId } = evidence;
  const several = new Set(steps.map(({ probe }) => probe)).size > 1;
  const distinct = (texts: readonly (string | undefined)[]): string[] => [
    ...new Set(texts.flatMap((text) => text ?? [])),
  ];
  return [
    ...steps.map((step): [string, string] => ["Failing step", formatStep(step, several)]),
    ...distinct(steps.map(({ said }) => said)).map((said): [string, string] => ["Server said", said]),
    ...distinct(steps.map(({ hint }) => hint)).map((hint): [string, string] => ["Hint", hint]),
    ...(traceId === undefined ? [] : [["Trace", traceId] as [string, string]]),
  ];
}
