import type { MessageInitShape } from "@bufbuild/protobuf";
import type { DigestSchema } from "../../../proto/gen/zako/v1/digest_pb.ts";
import { fromHex, toHex } from "../../lib/hex.ts";
import { newestStored } from "../../model/probing/canary.ts";
import type { TargetMemory } from "../../model/probing/memory.ts";
import type { Target } from "../../model/probing/target.ts";

/** Name of a blob: its digest (BLAKE3-256, 64 hex digits) and its length. */
export interface Blob {
  readonly digest: string;
  readonly sizeBytes: number;
}

/** The name in a message. */
export const wireDigest = ({ digest, sizeBytes }: Blob): MessageInitShape<typeof DigestSchema> => ({
  sizeBytes: BigInt(sizeBytes),
  blake3: fromHex(digest),
});

/** The golden blob that the target's operator put into the store, if one is configured for `transport.download`. */
function goldenOf(target: Target): Blob | undefined {
  const golden = target.probes.find((plan) => plan.kind === "transport.download")?.options["golden"];
  if (typeof golden !== "object" || golden === null) return undefined;
  const { digest, size_bytes: sizeBytes } = golden as { digest?: unknown; size_bytes?: unknown };
  return typeof digest === "string" && typeof sizeBytes === "number" ? { digest, sizeBytes } : undefined;
}

/** Blobs that the store is known to have: the golden one and our newest canary. */
export function knownBlobs(target: Target, memory: TargetMemory): readonly Blob[] {
  return [goldenOf(target), newestStored(memory.canaries)].filter((blob) => blob !== undefined);
}

/** Names of nonexistent blobs: random digests, new each time, so that a server cannot remember them. */
export function absentBlobs(count: number): readonly Blob[] {
  return Array.from({ length: count }, () => ({
    digest: toHex(crypto.getRandomValues(new Uint8Array(32))),
    sizeBytes: 4_096,
  }));
}
