import { type Failure, failure, type Reason } from "../../model/probing/failure.ts";
import type { SecondLook } from "./second-look.ts";

/** What the look of a local run may find; a reason of ours would excuse the server. */
const FOUND: ReadonlySet<Reason> = new Set(["dns", "connect", "tls", "timeout", "protocol", "grpc_only"]);
/** Reasons that a local run knows better: the platform's edge is not there, and a lost connection has a cause. */
const CONCERNS: ReadonlySet<Reason> = new Set(["dns", "connect", "tls", "edge"]);

/** What `npm start` answers, as JSON; empty if it has nothing to add. */
export type LocalFinding = Pick<Failure, "reason" | "message" | "answered" | "hint"> | Record<string, never>;

/**
 * The look of a local run: asks `npm start`, which runs on Node and so can tell DNS, TLS and refused connections apart.
 * `url`: where it answers.
 */
export function localLook(url: string, ask: typeof fetch = fetch): SecondLook {
  return {
    everyMs: 0,
    concerns: ({ reason }) => CONCERNS.has(reason),
    async ask(origin, signal) {
      try {
        const response = await ask(`${url}/?origin=${encodeURIComponent(origin)}`, { signal });
        const found = (await response.json()) as LocalFinding;
        if (!response.ok || found.reason === undefined || !FOUND.has(found.reason)) return null;
        const { reason, message, answered, hint } = found;
        return failure(reason, answered, { message, ...(hint === undefined ? {} : { hint }) });
      } catch {
        return null;
      }
    },
  };
}
