import * as z from "zod";
import { MINUTE_MS } from "../../lib/time-units.ts";
import { ZAKO_FAMILIES as F, PROBE_SOURCE } from "../../model/families/zako-families.ts";
import { failure } from "../../model/probing/failure.ts";
import type { ProbeKind, Run, StepResult } from "../kind.ts";
import { OK, skipped, wrong } from "../step-result.ts";
import { absentBlobs, type Blob, knownBlobs } from "../zako/blob.ts";
import { judgeMissing } from "../zako/judge-missing.ts";
import { type Negotiation, negotiate } from "../zako/negotiate-blobs.ts";

const Options = z.strictObject({
  absent: z.int().min(1).max(100).default(2).meta({ description: "How many nonexistent blobs to ask about." }),
});
type Options = z.output<typeof Options>;

const NOTHING_KNOWN = failure("no_blob", true, {
  message: "no blob is known to be stored",
  hint: "set `golden` of transport.download, or enable transport.upload",
});

export const casNegotiate: ProbeKind<Options> = {
  kind: "cas.negotiate",
  doc: "Asks NegotiateBlobs about stored and nonexistent blobs, and expects exactly the latter to be reported missing.",
  tier: "cas",
  canBeRoot: true,
  schedule: "every",
  recheck: "safe",
  defaults: { enabled: true, intervalMs: MINUTE_MS, timeoutMs: 5_000, critical: true },
  options: Options,
  calls: () => 1,
  writesBytes: () => 0,
  tokensIssued: 0,
  steps: ["present", "absent"],
  minorSteps: [],
  families: [F.casRequests, F.tokensIssued, F.missingRatio, F.requestedBlobs, F.missingBlobs],
  initial: () => [
    { family: F.casRequests.name, labels: { ...PROBE_SOURCE, method: "NegotiateBlobs", code: "ok" } },
    { family: F.requestedBlobs.name, labels: PROBE_SOURCE },
    { family: F.missingBlobs.name, labels: PROBE_SOURCE },
  ],

  async run(run) {
    const present = knownBlobs(run.task.target, run.task.memory);
    const absent = absentBlobs(run.options.absent);
    // One call answers both steps, so the duration of each is that of the call, and of what it takes to judge it.
    const asked = ask(run, present, absent);
    await Promise.all([
      run.step("present", async () => {
        const { negotiation, missing } = await asked;
        if ("unknown" in negotiation) return negotiation.unknown;
        return present.length === 0 ? skipped(NOTHING_KNOWN) : missing;
      }),
      run.step("absent", async () => {
        const { negotiation } = await asked;
        if ("unknown" in negotiation) return negotiation.unknown;
        const unseen = absent.filter(({ digest }) => !negotiation.missing.has(digest)).length;
        return unseen === 0
          ? OK
          : wrong("present_but_unreadable", `${unseen} of ${absent.length} nonexistent blobs were reported present`);
      }),
    ]);
    return undefined;
  },
};

/** What NegotiateBlobs says of all blobs, and what that means for those that are stored. */
async function ask(
  run: Run<Options>,
  present: readonly Blob[],
  absent: readonly Blob[],
): Promise<{ negotiation: Negotiation; missing: StepResult }> {
  const negotiation = await negotiate(run, [present, absent]);
  if ("unknown" in negotiation || present.length === 0) return { negotiation, missing: OK };
  const missing = present.filter(({ digest }) => negotiation.missing.has(digest));
  run.observe(F.requestedBlobs, present.length);
  run.observe(F.missingBlobs, missing.length);
  run.observe(F.missingRatio, missing.length / present.length);
  return { negotiation, missing: missing.length === 0 ? OK : await judgeMissing(run, missing, present.length) };
}
