import { formatDuration } from "../../lib/duration.ts";
import type { Failure } from "../../model/probing/failure.ts";
import type { ProbeResult } from "../../model/probing/probe-request.ts";
import type { SeenCall, Step } from "../../model/probing/sample.ts";
import { blackboxMetrics, isSuccess } from "./blackbox-metrics.ts";

/**
 * A result step by step, for a person: what was sent, what came back, how long it took, and why it was judged so. A run
 * masks secrets before it reports. `noResult` says why it is none.
 */
export function transcriptOf(result: ProbeResult, noResult: string | undefined): string {
  const { target, probe, vantage, startedAt, timeoutMs, steps, calls = [] } = result;
  const lines = [
    `${new Date(startedAt).toISOString()} probe ${probe} of ${target} from vantage ${vantage}, timeout ${formatDuration(timeoutMs)}`,
    ...(result.traceId === undefined ? [] : [`trace id ${result.traceId}, sent as traceparent with every call`]),
    ...(result.from === "schedule"
      ? ["this is the last result of the schedule: the probe must not be repeated at any time, so no run was made"]
      : []),
    ...steps.flatMap((step) => [
      ...formatStep(step),
      ...calls.filter((call) => call.step === step.name).map(formatCall),
    ]),
    ...(noResult === undefined ? verdictOf(result) : [`no result: ${noResult}`]),
  ];
  const metrics =
    noResult === undefined ? blackboxMetrics(result) : "none: the answer would be 503, and up would be 0\n";
  return `Logs for the probe:\n${lines.join("\n")}\n\nMetrics that would have been returned:\n${metrics}`;
}

function verdictOf(result: ProbeResult): string[] {
  const { outcome, failure, durationMs } = result;
  const took = durationMs === undefined ? "" : ` after ${durationMs} ms`;
  const success = `probe_success ${isSuccess(result) ? 1 : 0}`;
  if (failure === undefined) return [`${outcome}${took}: every step is ok, so ${success}`];
  return [`${outcome}${took}, so ${success}`, ...formatFailure(failure)];
}

const formatStep = ({ name, outcome, durationMs, failure }: Step): string[] => [
  `step ${name}: ${outcome} after ${durationMs} ms`,
  ...(failure === undefined ? [] : formatFailure(failure)),
];

function formatFailure({ reason, message, httpStatus, hint, said }: Failure): string[] {
  const status = httpStatus === undefined ? "" : ` (HTTP ${httpStatus})`;
  return [
    `  because ${reason}: ${message}${status}`,
    ...(said === undefined ? [] : [`  the server said: ${said}`]),
    ...(hint === undefined ? [] : [`  hint: ${hint}`]),
  ];
}

function formatCall(call: SeenCall): string {
  const { method, result, httpStatus, sentBytes, receivedBytes, messages, headersMs, totalMs, retries } = call;
  const answer =
    httpStatus === undefined
      ? "no HTTP answer"
      : `HTTP ${httpStatus}${headersMs === undefined ? "" : ` after ${headersMs} ms`}, received ${receivedBytes} bytes in ${messages} ${messages === 1 ? "message" : "messages"}`;
  const again = retries === 0 ? "" : `, retried after a lost connection`;
  return `  call ${method}: sent ${sentBytes} bytes; ${answer}; ${result} after ${totalMs} ms${again}`;
}
