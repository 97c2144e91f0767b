import { type Failure, failure } from "../../model/probing/failure.ts";
import type { Decoder } from "./rpc-decoder.ts";
import { judgeLostBody } from "./rpc-head.ts";

/** How a body is read. */
export interface ReadOptions {
  readonly maxBytes: number;
  /** Whether the body may be read as a whole instead of chunk by chunk. */
  readonly whole: boolean;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** Counts the ms spent waiting and the bytes received while reading. */
  readonly seen: { stallMs: number; bytesIn: number };
}

/** Feeds a body to a decoder up to a limit. In every case, the body is read to its end or cancelled. */
export async function readBody(response: Response, decoder: Decoder, options: ReadOptions): Promise<Failure | null> {
  const { maxBytes, signal, now, seen } = options;
  const body = response.body;
  if (body === null) return decoder.end();
  const size = declaredSize(response);
  if (size !== null && size > maxBytes && !decoder.judgesParts) {
    discardBody(response);
    return failure("oversize", true);
  }
  let waitingSince = now();
  if (options.whole && size !== null && size <= maxBytes) {
    let bytes: Uint8Array;
    try {
      bytes = new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      return decoder.judgesParts ? decoder.end() : judgeLostBody(error, signal, isEncoded(response));
    } finally {
      seen.stallMs = now() - waitingSince;
    }
    seen.bytesIn = bytes.byteLength;
    return decoder.take(bytes) ?? decoder.end();
  }
  const reader = body.getReader();
  let open = true;
  try {
    for (;;) {
      let part: Awaited<ReturnType<typeof reader.read>>;
      try {
        part = await reader.read();
      } catch (error) {
        open = false;
        return decoder.judgesParts ? decoder.end() : judgeLostBody(error, signal, isEncoded(response));
      } finally {
        const at = now();
        seen.stallMs += at - waitingSince;
        waitingSince = at;
      }
      if (part.done) {
        open = false;
        return decoder.end();
      }
      seen.bytesIn += part.value.byteLength;
      if (seen.bytesIn > maxBytes) return decoder.judgesParts ? decoder.end() : failure("oversize", true);
      const failed = decoder.take(part.value);
      if (failed !== null) return failed;
      waitingSince = now();
    }
  } finally {
    if (open) void reader.cancel().catch(ignore);
  }
}

const isEncoded = ({ headers }: Response): boolean => headers.has("content-encoding");

/**
 * The length of the body that will be delivered, or null if unknown: a body that the platform decompresses may have any
 * size, whatever its content-length says.
 */
function declaredSize(response: Response): number | null {
  const length = response.headers.get("content-length");
  if (length === null || !/^\d{1,15}$/.test(length) || response.headers.has("content-encoding")) return null;
  return Number(length);
}

/** Cancels an unused body to release its connection. */
export function discardBody(response: Response): void {
  void response.body?.cancel().catch(ignore);
}

// A body that cannot be cancelled has already failed; that failure is known.
function ignore(): void {}
