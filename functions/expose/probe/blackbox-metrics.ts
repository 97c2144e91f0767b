import { escapeLabelValue } from "../../lib/label-escape.ts";
import { type Failure, grpcCodeOf, isUnreachable } from "../../model/probing/failure.ts";
import type { ProbeResult } from "../../model/probing/probe-request.ts";

interface Gauge {
  name: string;
  help: string;
  samples: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];
}

/** Whether blackbox_exporter would call it a success. */
export const isSuccess = ({ outcome }: ProbeResult): boolean => outcome === "ok" || outcome === "degraded";

/** A result in the Prometheus text format, under the names that blackbox_exporter gives it. What is not known is left out. */
export const blackboxMetrics = (result: ProbeResult): string =>
  gaugesOf(result)
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, samples }) => {
      const lines = samples.map(([labels, value]) => `${name}${labelsText(labels)} ${value}`);
      return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...lines, ""].join("\n");
    })
    .join("");

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabelValue(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

const one = (value: number | undefined): Gauge["samples"] => (value === undefined ? [] : [[{}, value]]);
const inSeconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1_000);

function gaugesOf(result: ProbeResult): Gauge[] {
  const { durationMs, timeoutMs, failure, startedAt } = result;
  return [
    {
      name: "probe_success",
      help: "Displays whether or not the probe was a success",
      samples: one(isSuccess(result) ? 1 : 0),
    },
    {
      name: "probe_duration_seconds",
      help: "Returns how long the probe took to complete in seconds",
      samples: one(inSeconds(durationMs)),
    },
    {
      name: "probe_timeout_seconds",
      help: "Returns the timeout of the probe in seconds",
      samples: one(inSeconds(timeoutMs)),
    },
    {
      name: "probe_http_status_code",
      help: "Response HTTP status code, where it is why the probe failed",
      samples: one(failure?.httpStatus),
    },
    ...(result.isRpc ? grpcGauges(result) : []),
    {
      name: "probe_zako_failure_info",
      help: "Why the probe failed, as in zako_v1_probe_failures_by_reason_total",
      samples: failure === undefined || isSuccess(result) ? [] : [[{ reason: failure.reason }, 1]],
    },
    {
      name: "probe_zako_run_timestamp_seconds",
      help: "When the run started; a probe that must not be repeated shows its last run",
      samples: one(startedAt / 1_000),
    },
  ];
}

const STATUSES = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"] as const;

function grpcGauges(result: ProbeResult): Gauge[] {
  const serving = result.probe === "health" ? servingStatus(result) : undefined;
  return [
    {
      name: "probe_grpc_status_code",
      help: "Response gRPC status code",
      samples: one(statusCode(result.failure)),
    },
    {
      name: "probe_grpc_ssl",
      help: "Indicates if SSL was used for the connection",
      samples: one(result.isSecure ? 1 : 0),
    },
    {
      name: "probe_grpc_duration_seconds",
      help: "Duration of gRPC request by phase; phases are the steps of the probe",
      samples: result.steps.map(({ name, durationMs }) => [{ phase: name }, durationMs / 1_000]),
    },
    {
      name: "probe_grpc_healthcheck_response",
      help: "Response HealthCheck response",
      samples:
        serving === undefined
          ? []
          : STATUSES.map((status) => [{ serving_status: status }, status === serving ? 1 : 0] as const),
    },
  ];
}

/** gRPC's code of a failure, as a gRPC client reports it; 0 where all calls were answered ok, whatever was wrong with the answer. */
function statusCode(failure: Failure | undefined): number {
  if (failure === undefined) return 0;
  const { reason } = failure;
  if (reason === "timeout") return DEADLINE_EXCEEDED;
  return grpcCodeOf(reason) ?? (isUnreachable(failure) ? UNAVAILABLE : UNKNOWN_REASONS.has(reason) ? UNKNOWN : 0);
}

const UNKNOWN = 2;
const DEADLINE_EXCEEDED = 4;
const UNAVAILABLE = 14;
/** Answers that are not gRPC. */
const UNKNOWN_REASONS: ReadonlySet<Failure["reason"]> = new Set(["http_status", "protocol", "redirect", "grpc_only"]);

/** What the health service answered; undefined if it did not. */
function servingStatus(result: ProbeResult): (typeof STATUSES)[number] | undefined {
  if (isSuccess(result)) return "SERVING";
  if (result.failure?.reason !== "not_serving") return undefined;
  const { message } = result.failure;
  return STATUSES.findLast((status) => message.endsWith(` ${status}`)) ?? "UNKNOWN";
}
