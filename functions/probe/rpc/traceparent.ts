import { toHex } from "../../lib/hex.ts";

/** A new trace id: 16 random bytes in hex. W3C Trace Context forbids only all zeros. */
export function newTraceId(): string {
  return randomHex(16);
}

/** The `traceparent` header of one call within a trace: a new span each time, marked as sampled. */
export function traceparent(traceId: string): string {
  return `00-${traceId}-${randomHex(8)}-01`;
}

function randomHex(size: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(size));
  // 1 in 2^64 at best, but an all-zero id is invalid.
  if (bytes.every((byte) => byte === 0)) bytes[0] = 1;
  return toHex(bytes);
}
