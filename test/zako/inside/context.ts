import { Code, ConnectError } from "@connectrpc/connect";
import { ExceptionKind } from "../../../proto/gen/zako/diagnostics/v1/engine_pb.ts";
import type { ExceptionName, Exceptions } from "./thread-orders.ts";

/** The contract's limits of a context. */
const MAX_BYTES = 16 * 1_024;
const MAX_DEPTH = 64;

/** A caller's context, within the limits; throws `invalid_argument` where it is not. */
export function readContext(json: string): string {
  if (Buffer.byteLength(json) > MAX_BYTES) throw invalid(`a context has at most ${MAX_BYTES} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw invalid("the context is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid("the context is no object");
  if (depthOf(value) > MAX_DEPTH) throw invalid(`a context is at most ${MAX_DEPTH} levels deep`);
  return json;
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Object.values(value).reduce<number>((deepest, one) => Math.max(deepest, depthOf(one)), 0);
}

const KINDS: Readonly<Record<ExceptionName, ExceptionKind>> = {
  other: ExceptionKind.UNSPECIFIED,
  type_error: ExceptionKind.TYPE_ERROR,
  reference_error: ExceptionKind.REFERENCE_ERROR,
  syntax_error: ExceptionKind.SYNTAX_ERROR,
  range_error: ExceptionKind.RANGE_ERROR,
  terminated: ExceptionKind.TERMINATED,
};

/** Exceptions as the contract has them. */
export function exceptionCounts(exceptions: Exceptions): { kind: ExceptionKind; count: bigint }[] {
  return (Object.entries(exceptions) as [ExceptionName, number][]).map(([name, count]) => ({
    kind: KINDS[name],
    count: BigInt(count),
  }));
}

const invalid = (message: string): ConnectError => new ConnectError(message, Code.InvalidArgument);
