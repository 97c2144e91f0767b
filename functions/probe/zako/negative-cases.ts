import type { MessageInitShape } from "@bufbuild/protobuf";
import { ContentAddressableStorage } from "../../../proto/gen/zako/v1/cas_pb.ts";
import { Transport, type UploadRequestSchema } from "../../../proto/gen/zako/v1/transport_pb.ts";
import { fromHex, toHex } from "../../lib/hex.ts";
import { ZAKO_FAMILIES as F } from "../../model/families/zako-families.ts";
import { failure, type Reason } from "../../model/probing/failure.ts";
import type { Run, StepResult } from "../kind.ts";
import type { Answer } from "../rpc/rpc.ts";
import { OK, refusal, skipped, wrong } from "../step-result.ts";
import { absentBlobs, type Blob, knownBlobs, wireDigest } from "./blob.ts";
import { canaryContent } from "./canary-content.ts";
import { periodOf, writingOf } from "./canary-write.ts";
import { upload } from "./transfer.ts";

/** What a server keeps that accepts what it must refuse. It has no way to delete either. */
type Leftover = "nothing" | "a blob" | "a token";

/** What the cases need of the probe's options. */
interface NegativeOptions {
  readonly size_bytes: number;
}

/** Something that a server must refuse. */
export interface NegativeCase {
  /** What is sent; follows "tries". */
  readonly doc: string;
  /** What stays in the server if it is accepted. */
  readonly leaves: Leftover;
  /** RPC codes that refuse it correctly. */
  readonly refusedWith: readonly Reason[];
  ask(run: Run<NegativeOptions>, refusedWith: readonly Reason[]): Promise<StepResult>;
}

const BAD_CONTENT: readonly Reason[] = [
  "rpc_invalid_argument",
  "rpc_failed_precondition",
  "rpc_data_loss",
  "rpc_aborted",
];
const BAD_TOKEN: readonly Reason[] = ["rpc_unauthenticated", "rpc_permission_denied"];

/** Every case by its name, which is that of its step. In this order they are tried. */
export const NEGATIVE_CASES = {
  wrong_content: {
    doc: "an upload whose content does not hash to its digest",
    leaves: "a blob",
    refusedWith: BAD_CONTENT,
    ask: askWrongContent,
  },
  short_upload: {
    doc: "an upload that is shorter than its digest says",
    leaves: "a blob",
    refusedWith: BAD_CONTENT,
    ask: askShortUpload,
  },
  bad_token: {
    doc: "a download with a token that was never issued",
    leaves: "nothing",
    refusedWith: BAD_TOKEN,
    ask: askBadToken,
  },
  bad_token_upload: {
    doc: "an upload with a token that was never issued",
    leaves: "a blob",
    refusedWith: BAD_TOKEN,
    ask: askBadTokenUpload,
  },
  missing_metadata: {
    doc: "an upload without metadata",
    leaves: "nothing",
    refusedWith: ["rpc_failed_precondition"],
    ask: askMissingMetadata,
  },
  second_metadata: {
    doc: "an upload with a second metadata message",
    leaves: "a blob",
    refusedWith: ["rpc_invalid_argument", "rpc_failed_precondition"],
    ask: askSecondMetadata,
  },
  zero_range: {
    doc: "a download of an empty range",
    leaves: "nothing",
    refusedWith: ["rpc_invalid_argument"],
    ask: askZeroRange,
  },
  short_digest: {
    doc: "NegotiateBlobs with a digest of 31 bytes",
    leaves: "nothing",
    refusedWith: ["rpc_invalid_argument"],
    ask: askShortDigest,
  },
  empty_protocols: {
    doc: "GetTransportDetails with an empty list of protocols",
    leaves: "a token",
    refusedWith: ["rpc_failed_precondition"],
    ask: askEmptyProtocols,
  },
} as const satisfies Readonly<Record<string, NegativeCase>>;

/** Name of a case. */
export type NegativeName = keyof typeof NEGATIVE_CASES;

/** The names of all cases, in their order. */
export const NEGATIVE_NAMES = Object.keys(NEGATIVE_CASES) as [NegativeName, ...NegativeName[]];

const accepted = (what: string): StepResult => wrong("accepted_bad_upload", `${what} was accepted`);

/**
 * Judges an upload that must be refused. Its blob was never written rightly, so `already_exists` means that it was accepted
 * before. What was accepted is charged to the budget.
 */
function judgeUpload(
  run: Run<NegativeOptions>,
  answer: Answer<typeof Transport.method.upload.output>,
  sizeBytes: number,
  refusedWith: readonly Reason[],
  result: StepResult,
): StepResult {
  if (answer.ok) run.remember({ writtenBytes: sizeBytes });
  if (!answer.ok && answer.failure.reason === "rpc_already_exists") {
    run.observe(F.alreadyExists, 1);
    return result;
  }
  return refusal(answer, refusedWith, result);
}

/** A blob of its own for each case, so that what one leaves behind cannot decide another. */
function caseBlob(run: Run<NegativeOptions>, name: string): { blob: Blob; content: Uint8Array<ArrayBuffer> } {
  const { target, plan } = run.task;
  const { size_bytes: size } = run.options;
  const content = canaryContent(run.installation, target.name, `${plan.kind} ${name}`, periodOf(run.task), size);
  return { blob: { digest: digestOf(run, content), sizeBytes: size }, content };
}

function digestOf(run: Run<NegativeOptions>, content: Uint8Array): string {
  using hash = run.newHash();
  hash.update(content);
  return toHex(hash.digest());
}

async function askWrongContent(run: Run<NegativeOptions>, refusedWith: readonly Reason[]): Promise<StepResult> {
  const { blob, content } = writingOf(run, run.options.size_bytes);
  const bent = content.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
  const result = accepted("an upload whose content does not match its digest");
  return judgeUpload(run, await upload(run, blob, bent), blob.sizeBytes, refusedWith, result);
}

/** The bytes that are sent hash to the digest, so that only its length is wrong. */
async function askShortUpload(run: Run<NegativeOptions>, refusedWith: readonly Reason[]): Promise<StepResult> {
  const { blob, content } = caseBlob(run, "short_upload");
  const half = content.subarray(0, content.byteLength / 2);
  const longer = { digest: digestOf(run, half), sizeBytes: blob.sizeBytes };
  const result = accepted("an upload that is shorter than its digest says");
  return judgeUpload(run, await upload(run, longer, half), half.byteLength, refusedWith, result);
}

const NO_TOKEN_HEADER = failure("no_token", true, {
  message: "transfers to this target carry no token",
  hint: "set `transport_auth`, or leave out the cases bad_token and bad_token_upload",
});

const NEVER_ISSUED = "zako-watch-never-handed-out";

/** Headers with a token that no server has issued; undefined if transfers to the target carry none. */
function badTokenOf(run: Run<NegativeOptions>): Record<string, string> | undefined {
  const how = run.task.target.transportAuth;
  if (how === undefined) return undefined;
  return { [how.header.toLowerCase()]: how.scheme === undefined ? NEVER_ISSUED : `${how.scheme} ${NEVER_ISSUED}` };
}

/** Asks for a nonexistent blob: a server that looks for it has accepted the token. */
async function askBadToken(run: Run<NegativeOptions>, refusedWith: readonly Reason[]): Promise<StepResult> {
  const headers = badTokenOf(run);
  if (headers === undefined) return skipped(NO_TOKEN_HEADER);
  const answer = await run.transport.stream(
    Transport.method.download,
    absentBlobs(1).map((blob) => ({ metadata: { digest: wireDigest(blob), range: { start: 0n } } })),
    () => {},
    { headers },
  );
  const result = wrong("accepted_bad_token", "a token that was never issued was accepted");
  if (!answer.ok && answer.failure.reason === "rpc_not_found") return result;
  return refusal(answer, refusedWith, result);
}

async function askBadTokenUpload(run: Run<NegativeOptions>, refusedWith: readonly Reason[]): Promise<StepResult> {
  const headers = badTokenOf(run);
  if (headers === undefined) return skipped(NO_TOKEN_HEADER);
  const { blob, content } = caseBlob(run, "bad_token_upload");
  const answer = await upload(run, blob, content, { headers });
  const result = wrong("accepted_bad_token", "an upload with a token that was never issued was accepted");
  return judgeUpload(run, answer, blob.sizeBytes, refusedWith, result);
}

async function askMissingMetadata(run: Run<NegativeOptions>, refusedWith: readonly Reason[]): Promise<StepResult> {
  const answer = await run.transport.call(Transport.method.upload, [
    { payload: { case: "chunk", value: new Uint8Array(1) } },
  ]);
  return refusal(answer, refusedWith, accepted("an upload without metadata"));
}

/** Without the second metadata it would be a good upload. */
async function askSecondMetadata(run: Run<NegativeOptions>, refusedWith: readonly Reason[]): Promise<StepResult> {
  const { blob, content } = caseBlob(run, "second_metadata");
  const metadata: MessageInitShape<typeof UploadRequestSchema> = {
    payload: { case: "metadata", value: { digest: wireDigest(blob), range: { start: 0n } } },
  };
  const chunk: MessageInitShape<typeof UploadRequestSchema> = { payload: { case: "chunk", value: content } };
  const answer = await run.transport.call(Transport.method.upload, [metadata, metadata, chunk]);
  return judgeUpload(run, answer, blob.sizeBytes, refusedWith, accepted("an upload with a second metadata message"));
}

const NO_BLOB = failure("no_blob", true, { hint: "set `golden` of transport.download, or enable transport.upload" });

async function askZeroRange(run: Run<NegativeOptions>, refusedWith: readonly Reason[]): Promise<StepResult> {
  const [blob]: readonly Blob[] = knownBlobs(run.task.target, run.task.memory);
  if (blob === undefined) return skipped(NO_BLOB);
  const answer = await run.transport.stream(
    Transport.method.download,
    [{ metadata: { digest: wireDigest(blob), range: { start: 0n, length: 0n } } }],
    () => {},
  );
  return refusal(answer, refusedWith, wrong("invalid_answer", "an empty range was not refused"));
}

async function askShortDigest(run: Run<NegativeOptions>, refusedWith: readonly Reason[]): Promise<StepResult> {
  const [{ digest, sizeBytes } = { digest: "", sizeBytes: 0 }] = absentBlobs(1);
  const blobDigests = [{ sizeBytes: BigInt(sizeBytes), blake3: fromHex(digest).subarray(0, 31) }];
  const answer = await run.cas.stream(ContentAddressableStorage.method.negotiateBlobs, [{ blobDigests }], () => {}, {
    maxMessages: 16,
  });
  // cas.negotiate reports that, where it is a failure.
  if (!answer.ok && answer.failure.reason === "bidi_needs_http2") return skipped(answer.failure);
  return refusal(answer, refusedWith, wrong("invalid_answer", "a digest that is not 32 bytes long was not refused"));
}

async function askEmptyProtocols(run: Run<NegativeOptions>, refusedWith: readonly Reason[]): Promise<StepResult> {
  const answer = await run.cas.call(ContentAddressableStorage.method.getTransportDetails, [{ supportedProtocols: [] }]);
  if (!answer.ok) return refusal(answer, refusedWith, OK);
  if (answer.message.authToken !== "") {
    run.remember({ tokens: 1 });
    run.observe(F.tokensIssued, 1);
  }
  return wrong("invalid_answer", "an empty list of protocols was not refused");
}
