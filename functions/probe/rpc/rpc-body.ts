import { orLate, startDeadline } from "../../lib/deadline.ts";
import { type Failure, failure } from "../../model/probing/failure.ts";
import type { RunClock } from "../run-clock.ts";
import type { Decoder } from "./rpc-decoder.ts";
import { judgeLostBody } from "./rpc-head.ts";

/** How long a body is waited for that only adds words to what the headers have said. Honest ones come along with them. */
export const HEAD_WAIT_MS = 1_000;

/** How a body is read. */
export interface ReadOptions {
  readonly maxBytes: number;
  /** Whether the body may be read as a whole instead of chunk by chunk. */
  readonly whole: boolean;
  readonly signal: AbortSignal;
  /** Longest wait for a body while the headers have said all. */
  readonly headWaitMs: number;
  readonly clock: RunClock;
  /** Counts the ms spent waiting for bytes while a read was pending, and the bytes received. */
  readonly seen: { stallMs: number; bytesIn: number };
}

/**
 * Feeds a body to a decoder up to a limit. In every case, the body has been read to its end or cancelled when this returns:
 * its connection is free.
 */
export async function readBody(response: Response, decoder: Decoder, options: ReadOptions): Promise<Failure | null> {
  const { maxBytes, whole, signal } = options;
  const body = response.body;
  if (body === null) return decoder.end();
  const size = declaredSize(response);
  if (size !== null && size > maxBytes && !decoder.judgesParts) {
    await discardBody(response, signal);
    return failure("oversize", true);
  }
  const canBeWhole = whole && size !== null && size <= maxBytes && !decoder.headSaysAll;
  return canBeWhole ? readWhole(response, decoder, options) : readChunks(body, decoder, options);
}

async function readWhole(response: Response, decoder: Decoder, options: ReadOptions): Promise<Failure | null> {
  const { signal, clock, seen } = options;
  let bytes: Uint8Array;
  const waitingSince = clock.now();
  try {
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    return decoder.judgesParts ? decoder.end() : judgeLostBody(error, signal);
  } finally {
    seen.stallMs = clock.ioEnded() - waitingSince;
  }
  seen.bytesIn = bytes.byteLength;
  clock.worked(bytes.byteLength);
  return decoder.take(bytes) ?? decoder.end();
}

async function readChunks(
  body: ReadableStream<Uint8Array>,
  decoder: Decoder,
  { maxBytes, signal, headWaitMs, clock, seen }: ReadOptions,
): Promise<Failure | null> {
  const reader = body.getReader();
  // One wait for the whole body: a server that sends a byte now and then must not prolong it.
  using headWait = decoder.headSaysAll ? startDeadline(headWaitMs, clock.now()) : null;
  let open = true;
  try {
    for (;;) {
      let waitingSince = clock.now();
      const pending = reader.read();
      if (clock.isBehind) {
        // What arrives meanwhile was not waited for. A failure is met below.
        pending.catch(ignore);
        await clock.catchUp();
        waitingSince = clock.ioAt;
      }
      let part: Awaited<typeof pending> | "late";
      try {
        part =
          headWait !== null && decoder.headSaysAll ? await orLate(pending, headWait.signal, "late") : await pending;
      } catch (error) {
        open = false;
        return decoder.judgesParts ? decoder.end() : judgeLostBody(error, signal);
      } finally {
        seen.stallMs += clock.ioEnded() - waitingSince;
      }
      if (part === "late") return decoder.end();
      if (part.done) {
        open = false;
        return decoder.end();
      }
      seen.bytesIn += part.value.byteLength;
      if (seen.bytesIn > maxBytes) return decoder.judgesParts ? decoder.end() : failure("oversize", true);
      const failed = decoder.take(part.value);
      if (failed !== null) return failed;
      clock.worked(part.value.byteLength);
    }
  } finally {
    if (open) await orLate(reader.cancel().catch(ignore), signal, undefined);
  }
}

/**
 * The length of the body that will be delivered, or null if unknown: a body that the platform decompresses may have any
 * size, whatever its content-length says.
 */
function declaredSize(response: Response): number | null {
  const length = response.headers.get("content-length");
  if (length === null || !/^\d{1,15}$/.test(length) || response.headers.has("content-encoding")) return null;
  return Number(length);
}

/** Cancels an unused body; returns when its connection is free, or at the deadline. */
export async function discardBody(response: Response, deadline: AbortSignal): Promise<void> {
  if (response.body !== null) await orLate(response.body.cancel().catch(ignore), deadline, undefined);
}

// A body that cannot be cancelled has already failed; that failure is known.
function ignore(): void {}
