import { type Failure, failure, rpcReason } from "../../model/probing/failure.ts";
import { grpcMessage, saidOf } from "./server-said.ts";

/** How a call ended according to the server: `ok`, an RPC error, or a status that is invalid in the protocol. */
export type End = "ok" | Failure;

/** Connect's names of the RPC codes, at gRPC's number minus one. */
const codeNames: readonly string[] = [
  "canceled",
  "unknown",
  "invalid_argument",
  "deadline_exceeded",
  "not_found",
  "already_exists",
  "permission_denied",
  "resource_exhausted",
  "failed_precondition",
  "aborted",
  "out_of_range",
  "unimplemented",
  "internal",
  "unavailable",
  "data_loss",
  "unauthenticated",
];

/** Reads a `grpc-status` value, from headers or trailers, with its `grpc-message`; null where there is none. */
export function endOfGrpcStatus(value: string | null, message: string | null = null): End | null {
  if (value === null) return null;
  if (!/^\d{1,9}$/.test(value)) {
    return failure("protocol", true, { message: "grpc-status is not a valid code" });
  }
  const code = Number(value);
  return code === 0 ? "ok" : failure(rpcReason(code), true, saidOf(grpcMessage(message)));
}

const decoder = new TextDecoder();

/**
 * Reads the trailer frame of gRPC-Web: an HTTP/1 header block, lenient about case, blanks and bare line feeds. Only the
 * status is judged; the message is kept as the server's own words.
 */
export function endOfTrailers(data: Uint8Array): End {
  let status: string | null = null;
  let message: string | null = null;
  for (const line of decoder.decode(data).split("\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "grpc-message") message = value;
    if (name !== "grpc-status") continue;
    if (status !== null && status !== value) {
      return failure("protocol", true, { message: "the trailers hold two different grpc-status values" });
    }
    status = value;
  }
  return endOfGrpcStatus(status, message) ?? failure("protocol", true, { message: "the trailers hold no grpc-status" });
}

/** Reads the EndStreamResponse of a Connect stream. An error with an unknown code is `rpc_unknown`. */
export function endOfConnectStream(data: Uint8Array): End {
  const invalid = failure("protocol", true, { message: "the end of the stream is not valid JSON of the protocol" });
  const end = parseObject(decoder.decode(data));
  if (end === null || !isMetadata(end["metadata"])) return invalid;
  const error = end["error"];
  if (error === undefined || error === null) return "ok";
  if (!isObject(error) || !isMessage(error["message"])) return invalid;
  return failureOf(error) ?? failure("rpc_unknown", true);
}

/** Whether a value is metadata of the protocol: absent, or names of headers, each with a list of values. */
function isMetadata(value: unknown): boolean {
  if (value === undefined) return true;
  if (!isObject(value)) return false;
  const headers = new Headers();
  try {
    for (const [name, values] of Object.entries(value)) {
      if (!Array.isArray(values)) return false;
      for (const one of values) {
        if (typeof one !== "string") return false;
        headers.append(name, one);
      }
    }
  } catch {
    // The platform refuses names and values that no header can have.
    return false;
  }
  return true;
}

const isMessage = (value: unknown): boolean => value === undefined || value === null || typeof value === "string";

/** Reads the JSON body of a Connect error; null if it is malformed or has no code of the protocol. */
export function failureOfConnectError(text: string): Failure | null {
  return failureOf(parseObject(text) ?? {});
}

function failureOf({ code, message }: Record<string, unknown>): Failure | null {
  const place = typeof code === "string" ? codeNames.indexOf(code) : -1;
  return place === -1 || !isMessage(message) ? null : failure(rpcReason(place + 1), true, saidOf(message));
}

function parseObject(text: string): Record<string, unknown> | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isObject(value) ? value : null;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
