import { create, toBinary, toJson } from "@bufbuild/protobuf";
import { StatusSchema } from "../../../proto/gen/google/rpc/status_pb.ts";
import { ExportMetricsServiceResponseSchema } from "../../../proto/gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { ExportTraceServiceResponseSchema } from "../../../proto/gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { cleanLine } from "../../lib/clean-text.ts";
import type { PushNotes, PushSignal } from "../../model/probing/push.ts";
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

/** What was refused of an export, and what its sender should know. */
export interface Refused extends PushNotes {
  rejected: Readonly<Record<string, number>>;
}

/** Longest name that is repeated to a sender. */
const LONGEST_NAME = 80;

/** The answer to an export that was taken; it says what was refused and why, and what may not be as the sender means it. */
export function accept(
  format: PushFormat,
  signal: PushSignal,
  { rejected, names, warnings }: Refused = { rejected: {}, names: {}, warnings: [] },
): Response {
  const total = BigInt(Object.values(rejected).reduce((sum, points) => sum + points, 0));
  const refusals = Object.entries(rejected).map(([reason, points]) => {
    const first = (names[reason] ?? []).map(shownName).join(", ");
    return `${points} refused for ${reason}${first === "" ? "" : ` (${first})`}`;
  });
  const errorMessage = [refusals.join(", "), ...warnings].filter((text) => text !== "").join("; ");
  const isWhole = errorMessage === "";
  if (signal === "metrics") {
    const partialSuccess = isWhole ? undefined : { rejectedDataPoints: total, errorMessage };
    const message = create(ExportMetricsServiceResponseSchema, partialSuccess === undefined ? {} : { partialSuccess });
    const schema = ExportMetricsServiceResponseSchema;
    return answer(format, 200, format === "json" ? toJson(schema, message) : toBinary(schema, message));
  }
  const partialSuccess = isWhole ? undefined : { rejectedSpans: total, errorMessage };
  const message = create(ExportTraceServiceResponseSchema, partialSuccess === undefined ? {} : { partialSuccess });
  const schema = ExportTraceServiceResponseSchema;
  return answer(format, 200, format === "json" ? toJson(schema, message) : toBinary(schema, message));
}

/** A name of a sender, as it is repeated to it. */
export const shownName = (name: string): string => cleanLine(name).slice(0, LONGEST_NAME);

function answer(format: PushFormat, status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const bytes = body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body);
  const all = { "content-type": TYPES[format], "cache-control": "no-store", ...headers };
  return new Response(bytes, { status, headers: all });
}
