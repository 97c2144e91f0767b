import { connect } from "cloudflare:sockets";
import { DurableObject } from "cloudflare:workers";
import { Blake3 } from "../lib/blake3.ts";
import { bugTrace } from "../lib/bug-trace.ts";
import { fetcherOf } from "../lib/fetcher-of.ts";
import { secretOf } from "../lib/secret-of.ts";
import { Semaphore } from "../lib/semaphore.ts";
import { CONNECTIONS } from "../model/probing/placement.ts";
import { runBatch } from "./batch.ts";
import type { Batch, BatchAnswer } from "./batch-request.ts";
import { locate } from "./locate.ts";
import { bareLook } from "./look/bare-look.ts";
import { localLook } from "./look/local-look.ts";
import type { SecondLook } from "./look/second-look.ts";

/** Finding out where a prober runs may take so long at most, ms. */
const LOCATE_MS = 2_000;
/** With less time than this left, ms, it is not tried: the answer would come too late for the Monitor. */
const LEAST_LEFT_MS = 3_000;

/**
 * Runs batches of probes in a region, with at most six connections at once, however many batches there are. It stores
 * nothing: a task carries everything except secrets.
 */
export class RegionProber extends DurableObject<Env> {
  readonly #connections = new Semaphore(CONNECTIONS);

  async run({ tasks, installation, imports, timeoutMs, locates, lookUrl }: Batch): Promise<BatchAnswer> {
    const endsAt = Date.now() + timeoutMs;
    const result = await runBatch(tasks, {
      installation,
      imports,
      timeoutMs,
      connections: this.#connections,
      fetcher: (name) => fetcherOf(this.env, name),
      secret: (name) => secretOf(this.env, name),
      secrets: () => Object.keys(this.env).flatMap((name) => secretOf(this.env, name) ?? []),
      newHash: () => new Blake3(),
      look: lookOf(lookUrl),
      onBug: (place, error) => console.error(`bug in ${place}: ${bugTrace(error)}`),
    });
    // After the runs, so that none has to wait for it.
    if (locates !== true || endsAt - Date.now() < LEAST_LEFT_MS) return result;
    const place = await locate({ connections: this.#connections, timeoutMs: LOCATE_MS, now: Date.now });
    return place === undefined ? result : { ...result, place };
  }
}

/** A local run has somebody to ask. Elsewhere only a bare connection tells more than a call. */
export const lookOf = (lookUrl: string | undefined): SecondLook =>
  lookUrl === undefined ? bareLook(connect) : localLook(lookUrl);
