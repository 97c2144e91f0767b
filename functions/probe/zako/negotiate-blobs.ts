import { ContentAddressableStorage } from "../../../proto/gen/zako/v1/cas_pb.ts";
import { toHex } from "../../lib/hex.ts";
import { type Failure, failure } from "../../model/probing/failure.ts";
import type { Run, StepResult } from "../kind.ts";
import { OK, wrong } from "../step-result.ts";
import { type Blob, wireDigest } from "./blob.ts";
import { judgeMissing } from "./judge-missing.ts";

/** Result of NegotiateBlobs: the digests reported missing, or why that is unknown. */
export type Negotiation = { missing: ReadonlySet<string> } | { unknown: StepResult & { failure: Failure } };

/** A correct server sends at most one answer per request message; further messages are cut off. */
const MAX_MESSAGES = 16;

/**
 * Asks which blobs are missing, with one request message per non-empty group. If the server refuses bidi calls over
 * HTTP/1.1, the step is skipped, unless bidi has worked for this target before.
 */
export async function negotiate(run: Run<unknown>, groups: readonly (readonly Blob[])[]): Promise<Negotiation> {
  const missing = new Set<string>();
  const answer = await run.cas.stream(
    ContentAddressableStorage.method.negotiateBlobs,
    groups.filter((group) => group.length > 0).map((group) => ({ blobDigests: group.map(wireDigest) })),
    ({ missingBlobDigests }) => {
      for (const { blake3 } of missingBlobDigests) missing.add(toHex(blake3));
    },
    { maxMessages: MAX_MESSAGES },
  );
  if (!answer.ok) return { unknown: refused(run, answer.failure) };
  if (run.task.memory.bidiWorked !== true) run.remember({ bidiWorked: true });
  const asked = new Set(groups.flat().map((blob) => blob.digest));
  if ([...missing].every((digest) => asked.has(digest))) return { missing };
  return { unknown: { outcome: "failed", failure: failure("invalid_answer", true, { message: UNASKED }) } };
}

const UNASKED = "a blob that was not asked about was reported missing";

function refused(run: Run<unknown>, cause: Failure): StepResult & { failure: Failure } {
  if (cause.reason !== "bidi_needs_http2") return { outcome: "failed", failure: cause };
  if (run.task.memory.bidiWorked === true) {
    return {
      outcome: "failed",
      failure: { ...cause, hint: "bidirectional streams worked before: check what changed in front of the server" },
    };
  }
  return {
    outcome: "skipped",
    failure: { ...cause, hint: "serve it over HTTP/2, or use protocol grpc-web, which needs no HTTP/2 for this" },
  };
}

/** A step: the store must report the blob as present. If it does not, Download decides what that means. */
export async function askPresent(run: Run<unknown>, blob: Blob): Promise<StepResult> {
  const negotiation = await negotiate(run, [[blob]]);
  if ("unknown" in negotiation) return negotiation.unknown;
  return negotiation.missing.has(blob.digest) ? judgeMissing(run, [blob], 1) : OK;
}

/** A step: the store must report the blob as missing. */
export async function askAbsent(run: Run<unknown>, blob: Blob): Promise<StepResult> {
  const negotiation = await negotiate(run, [[blob]]);
  if ("unknown" in negotiation) return negotiation.unknown;
  return negotiation.missing.has(blob.digest)
    ? OK
    : wrong("present_but_unreadable", "a blob that was never written was reported present");
}
