import { orLate, startDeadline } from "../lib/deadline.ts";
import type { Semaphore } from "../lib/semaphore.ts";
import { version } from "../lib/version.ts";
import { type Place, placeOfColo } from "../model/location-hints.ts";
import { HEAD_WAIT_MS, readBody } from "./rpc/rpc-body.ts";
import { TextBody } from "./rpc/text-body.ts";
import { RunClock } from "./run-clock.ts";

/**
 * Cloudflare's own page about a request. A Worker's request to it is served by the colo that the Worker runs in, and names
 * it. Its `loc` is the country of the egress address, which is not where the Worker runs.
 */
const TRACE_URL = "https://www.cloudflare.com/cdn-cgi/trace";

/** The page has about 300 bytes. */
const MAX_BYTES = 4_096;

/** What asking needs. */
export interface LocatePorts {
  /** Of the object that runs here; one of them is used. */
  readonly connections: Semaphore;
  /** Time limit, ms; waiting for a connection is a part of it. */
  readonly timeoutMs: number;
  /** Epoch ms. */
  readonly now: () => number;
  /** Replaces the platform's fetch. */
  readonly fetch?: typeof fetch;
}

/** Where this code runs; undefined where that cannot be found out in time. Never rejects. */
export async function locate(ports: LocatePorts): Promise<Place | undefined> {
  using deadline = startDeadline(ports.timeoutMs, ports.now());
  const { signal } = deadline;
  const asked = ports.connections.run(async () => (signal.aborted ? undefined : askTrace(ports, signal)));
  // Awaited here: the deadline is disposed of when this returns.
  return await orLate(asked, signal, undefined);
}

async function askTrace(
  { now, fetch: send = globalThis.fetch }: LocatePorts,
  signal: AbortSignal,
): Promise<Place | undefined> {
  const page = new TextBody(false);
  try {
    const headers = { "user-agent": `zako-watch/${version}` };
    const response = await send(TRACE_URL, { headers, redirect: "manual", signal });
    const reads = {
      maxBytes: MAX_BYTES,
      whole: false,
      signal,
      headWaitMs: HEAD_WAIT_MS,
      clock: new RunClock(now),
      seen: { stallMs: 0, bytesIn: 0 },
    };
    const failed = await readBody(response, page, reads);
    return response.status === 200 && failed === null ? placeIn(page.text) : undefined;
  } catch {
    return undefined;
  }
}

/** The place that a trace page names; undefined where it names none. */
function placeIn(page: string): Place | undefined {
  const colo = /^colo=([A-Z]{3})\r?$/m.exec(page)?.[1];
  return colo === undefined ? undefined : placeOfColo(colo);
}
