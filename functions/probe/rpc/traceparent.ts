import { toHex } from "../../lib/hex.ts";

/** A new trace id: 16 random bytes in hex. W3C Trace Context forbids only all zeros. */
export function newTraceId(): string {
  return randomHex(16);
}

/** The `traceparent` header of one call within a trace: a new span each time, marked as sampled. */
export function traceparent(traceId: string): string {
  return `00-${traceId}-${randomHex(8)}-01`;
}

/** As many random bytes as one question brings: asking costs more than the bytes do. */
const POOL_BYTES = 2_048;
const pool = new Uint8Array(POOL_BYTES);
let used = POOL_BYTES;

function randomHex(size: number): string {
  if (used + size > POOL_BYTES) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const text = toHex(pool.subarray(used, used + size));
  used += size;
  // 1 in 2^64 at best, but an all-zero id is invalid.
  return /[^0]/.test(text) ? text : text.replace(/^00/, "01");
}
