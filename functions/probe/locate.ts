import { startDeadline } from "../lib/deadline.ts";
import { version } from "../lib/version.ts";
import { type Place, placeOfColo } from "../model/probing/location-hints.ts";
import { HEAD_WAIT_MS, readBody } from "./rpc/rpc-body.ts";
import type { Decoder } from "./rpc/rpc-decoder.ts";
import { RunClock } from "./run-clock.ts";

/**
 * Cloudflare's own page about a request. A Worker's request to it is served by the colo that the Worker runs in, and names
 * it. Its `loc` is the country of the egress address, which is not where the Worker runs.
 */
export const TRACE_URL = "https://www.cloudflare.com/cdn-cgi/trace";

/** The page has about 300 bytes. */
const MAX_BYTES = 4_096;

/** What asking needs. */
export interface LocatePorts {
  /** Time limit, ms. */
  readonly timeoutMs: number;
  /** Epoch ms. */
  readonly now: () => number;
  /** Replaces the platform's fetch. */
  readonly fetch?: typeof fetch;
}

/** Where this code runs; undefined where that cannot be found out. Uses one connection. Never rejects. */
export async function locate({
  timeoutMs,
  now,
  fetch: send = globalThis.fetch,
}: LocatePorts): Promise<Place | undefined> {
  using deadline = startDeadline(timeoutMs, now());
  const { signal } = deadline;
  const page = new TracePage();
  try {
    const headers = { "user-agent": `zako-watch/${version}` };
    const response = await send(TRACE_URL, { headers, redirect: "manual", signal });
    const reading = {
      maxBytes: MAX_BYTES,
      whole: false,
      headWaitMs: HEAD_WAIT_MS,
      signal,
      clock: new RunClock(now),
      seen: { stallMs: 0, bytesIn: 0 },
    };
    const failed = await readBody(response, page, reading);
    return response.status === 200 && failed === null ? placeIn(page.text) : undefined;
  } catch {
    return undefined;
  }
}

/** The place that a trace page names; undefined where it names none. */
export function placeIn(page: string): Place | undefined {
  const colo = /^colo=([A-Z]{3})\r?$/m.exec(page)?.[1];
  return colo === undefined ? undefined : placeOfColo(colo);
}

class TracePage implements Decoder {
  readonly judgesParts = false;
  readonly headSaysAll = false;
  readonly #decoder = new TextDecoder();
  text = "";

  take(piece: Uint8Array): null {
    this.text += this.#decoder.decode(piece, { stream: true });
    return null;
  }

  end(): null {
    return null;
  }
}
