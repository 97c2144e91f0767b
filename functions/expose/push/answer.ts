import { create, toBinary, toJson } from "@bufbuild/protobuf";
import { StatusSchema } from "../../../proto/gen/google/rpc/status_pb.ts";
import { ExportMetricsServiceResponseSchema } from "../../../proto/gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { ExportTraceServiceResponseSchema } from "../../../proto/gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import type { PushSignal } from "../../model/probing/push.ts";
import type { PushFormat } from "./decode.ts";

const TYPES: Readonly<Record<PushFormat, string>> = {
  protobuf: "application/x-protobuf",
  json: "application/json",
};

/** Codes of gRPC (its public list) for the statuses that are answered with. */
const CODES = { 400: 3, 401: 16, 404: 5, 405: 12, 413: 11, 415: 3, 429: 8, 503: 14 } as const;
export type RefusalStatus = keyof typeof CODES;

/** An error, as OTLP/HTTP has it: a `google.rpc.Status` in the request's own format. */
export function refuse(
  format: PushFormat,
  status: RefusalStatus,
  message: string,
  headers: Record<string, string> = {},
): Response {
  const error = create(StatusSchema, { code: CODES[status], message });
  return answer(
    format,
    status,
    format === "json" ? toJson(StatusSchema, error) : toBinary(StatusSchema, error),
    headers,
  );
}

/** The answer to an export that was taken; with refused points it says how many and why. */
export function accept(format: PushFormat, signal: PushSignal, rejected: Readonly<Record<string, number>>): Response {
  const total = BigInt(Object.values(rejected).reduce((sum, points) => sum + points, 0));
  const errorMessage = Object.entries(rejected)
    .map(([reason, points]) => `${points} refused for ${reason}`)
    .join(", ");
  if (signal === "metrics") {
    const partialSuccess = total === 0n ? undefined : { rejectedDataPoints: total, errorMessage };
    const message = create(ExportMetricsServiceResponseSchema, partialSuccess === undefined ? {} : { partialSuccess });
    const schema = ExportMetricsServiceResponseSchema;
    return answer(format, 200, format === "json" ? toJson(schema, message) : toBinary(schema, message));
  }
  const partialSuccess = total === 0n ? undefined : { rejectedSpans: total, errorMessage };
  const message = create(ExportTraceServiceResponseSchema, partialSuccess === undefined ? {} : { partialSuccess });
  const schema = ExportTraceServiceResponseSchema;
  return answer(format, 200, format === "json" ? toJson(schema, message) : toBinary(schema, message));
}

function answer(format: PushFormat, status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const bytes = body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body);
  const all = { "content-type": TYPES[format], "cache-control": "no-store", ...headers };
  return new Response(bytes, { status, headers: all });
}
