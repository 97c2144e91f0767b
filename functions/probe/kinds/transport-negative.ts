import * as z from "zod";
import { Transport } from "../../../proto/gen/zako/v1/transport_pb.ts";
import { HOUR_MS } from "../../lib/time-units.ts";
import { ZAKO_FAMILIES as F, PROBE_SOURCE } from "../../model/families/zako-families.ts";
import { failure } from "../../model/probing/failure.ts";
import type { ProbeKind, Run, StepResult } from "../kind.ts";
import { refusal, skipped, wrong } from "../step-result.ts";
import { absentBlobs, type Blob, knownBlobs, wireDigest } from "../zako/blob.ts";
import { writingOf } from "../zako/canary-write.ts";
import { upload } from "../zako/transfer.ts";

const CASES = ["wrong_content", "bad_token", "missing_metadata", "zero_range"] as const;
type Case = (typeof CASES)[number];

const Options = z.strictObject({
  cases: z
    .array(z.enum(CASES))
    .min(1)
    .default([...CASES])
    .meta({ description: "What to try: an upload of wrong content, a wrong token, missing metadata, an empty range." }),
  size_bytes: z
    .int()
    .min(64)
    .max(65_536)
    .default(64)
    .meta({ description: "Size of the upload with wrong content. A server that accepts it keeps it forever." }),
});
type Options = z.output<typeof Options>;

export const transportNegative: ProbeKind<Options> = {
  kind: "transport.negative",
  doc: "Tries what a server must refuse. Off by default: a bad upload that is accepted stays in the store forever.",
  tier: "transport",
  schedule: "rotating",
  recheck: "never",
  defaults: { enabled: false, intervalMs: HOUR_MS, timeoutMs: 10_000, critical: false },
  options: Options,
  calls: ({ cases }) => new Set(cases).size,
  writesBytes: ({ cases, size_bytes }) => (cases.includes("wrong_content") ? size_bytes : 0),
  tokensIssued: 0,
  steps: CASES,
  minorSteps: [],
  families: [F.casRequests, F.tokensIssued, F.alreadyExists],
  initial: () => [{ family: F.alreadyExists.name, labels: PROBE_SOURCE }],

  async run(run) {
    for (const name of CASES) {
      if (run.options.cases.includes(name)) await run.step(name, () => ask[name](run));
    }
    return undefined;
  },
};

const ask: Readonly<Record<Case, (run: Run<Options>) => Promise<StepResult>>> = {
  wrong_content: askWrongContent,
  bad_token: askBadToken,
  missing_metadata: askMissingMetadata,
  zero_range: askZeroRange,
};

const ACCEPTED_UPLOAD = wrong("accepted_bad_upload", "an upload was accepted whose content does not match its digest");

/** The correct content was never written, so `already_exists` means that the wrong content is in the store. */
async function askWrongContent(run: Run<Options>): Promise<StepResult> {
  const { blob, content } = writingOf(run, run.options.size_bytes);
  const bent = content.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
  const answer = await upload(run, blob, bent);
  if (answer.ok) run.remember({ writtenBytes: blob.sizeBytes });
  if (!answer.ok && answer.failure.reason === "rpc_already_exists") {
    run.observe(F.alreadyExists, 1);
    return ACCEPTED_UPLOAD;
  }
  return refusal(
    answer,
    ["rpc_invalid_argument", "rpc_failed_precondition", "rpc_data_loss", "rpc_aborted"],
    ACCEPTED_UPLOAD,
  );
}

const NO_TOKEN_HEADER = failure("no_token", true, {
  message: "transfers to this target carry no token",
  hint: "set `transport_auth`, or leave out the case bad_token",
});
const ACCEPTED_TOKEN = wrong("accepted_bad_token", "a token that was never issued was accepted");

/** Asks for a nonexistent blob: a server that looks for it has accepted the token. */
async function askBadToken(run: Run<Options>): Promise<StepResult> {
  const how = run.task.target.transportAuth;
  if (how === undefined) return skipped(NO_TOKEN_HEADER);
  const token = how.scheme === undefined ? BAD_TOKEN : `${how.scheme} ${BAD_TOKEN}`;
  const answer = await run.transport.stream(
    Transport.method.download,
    absentBlobs(1).map((blob) => ({ metadata: { digest: wireDigest(blob), range: { start: 0n } } })),
    () => {},
    { headers: { [how.header.toLowerCase()]: token } },
  );
  if (!answer.ok && answer.failure.reason === "rpc_not_found") return ACCEPTED_TOKEN;
  return refusal(answer, ["rpc_unauthenticated", "rpc_permission_denied"], ACCEPTED_TOKEN);
}

const BAD_TOKEN = "zako-watch-never-handed-out";

async function askMissingMetadata(run: Run<Options>): Promise<StepResult> {
  const answer = await run.transport.call(Transport.method.upload, [
    { payload: { case: "chunk", value: new Uint8Array(1) } },
  ]);
  const accepted = wrong("accepted_bad_upload", "an upload without metadata was accepted");
  return refusal(answer, ["rpc_failed_precondition"], accepted);
}

const NO_BLOB = failure("no_blob", true, { hint: "set `golden` of transport.download, or enable transport.upload" });

async function askZeroRange(run: Run<Options>): Promise<StepResult> {
  const [blob]: readonly Blob[] = knownBlobs(run.task.target, run.task.memory);
  if (blob === undefined) return skipped(NO_BLOB);
  const answer = await run.transport.stream(
    Transport.method.download,
    [{ metadata: { digest: wireDigest(blob), range: { start: 0n, length: 0n } } }],
    () => {},
  );
  return refusal(answer, ["rpc_invalid_argument"], wrong("invalid_answer", "an empty range was not refused"));
}
