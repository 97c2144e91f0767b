import * as z from "zod";
import { DiagnosticsService } from "../../../proto/gen/zako/diagnostics/v1/diagnostics_pb.ts";
import {
  type ExceptionCount,
  ExceptionKind,
  type InjectContextResponse,
} from "../../../proto/gen/zako/diagnostics/v1/engine_pb.ts";
import { INSIDE_FAMILIES as F } from "../../model/families/inside-families.ts";
import { PROBE_SOURCE } from "../../model/families/zako-families.ts";
import { firstDifference, type Json, sampleContext } from "../diagnostics/context-sample.ts";
import { seconds, unanswered } from "../diagnostics/diagnostics.ts";
import type { ProbeKind, StepResult } from "../kind.ts";
import { OK, wrong } from "../step-result.ts";

const Options = z.strictObject({});
type Options = z.output<typeof Options>;

export const engineContext: ProbeKind<Options> = {
  kind: "engine.context",
  doc: "Passes an executionContext to the engine and expects it back unchanged, without exceptions.",
  tier: "inside",
  schedule: "rotating",
  recheck: "safe",
  defaults: { enabled: true, intervalMs: 300_000, timeoutMs: 10_000, critical: false },
  options: Options,
  calls: () => 1,
  writesBytes: () => 0,
  tokensIssued: 0,
  steps: ["conversion", "exceptions"],
  minorSteps: [],
  families: [F.jsonConversion, F.jsonConversionFailures, F.exceptions],
  // Must exist at 0, so that its first failure counts. The other series appear with the first answer.
  initial: () => [{ family: F.jsonConversionFailures.name, labels: PROBE_SOURCE }],

  async run(run) {
    let seen: InjectContextResponse | undefined;
    const context = sampleContext(run.task.slot, run.task.attempt);
    await run.step("conversion", async () => {
      const answer = await run.cas.call(DiagnosticsService.method.injectContext, [
        { contextJson: JSON.stringify(context) },
      ]);
      if (!answer.ok) return unanswered(answer);
      seen = answer.message;
      run.observe(F.jsonConversion, seconds(seen.conversionNanos));
      const result = judgeConversion(context, seen);
      if (result.outcome === "failed") run.observe(F.jsonConversionFailures, 1);
      return result;
    });
    const reported = seen;
    if (reported === undefined) return undefined;
    for (const [kind, count] of byKind(reported.exceptionsTotal)) {
      run.reportTotal(F.exceptions, count, Number(reported.sinceUnixMillis), { kind });
    }
    await run.step("exceptions", async () => judgeExceptions(reported));
    return undefined;
  },
};

function judgeConversion(sent: Json, { converted, contextJson }: InjectContextResponse): StepResult {
  if (!converted) return wrong("conversion_failed", "the engine could not convert the probe's context from JSON");
  let back: unknown;
  try {
    back = JSON.parse(contextJson);
  } catch {
    return wrong("invalid_answer", "the returned context is not JSON");
  }
  const where = firstDifference(sent, back);
  if (where === undefined) return OK;
  return wrong("wrong_value", `the returned context differs${where === "" ? "" : ` at ${where}`}`);
}

/** An engine that could not convert may report why as an exception. That failure belongs to the step before. */
function judgeExceptions({ exceptions, converted }: InjectContextResponse): StepResult {
  const counts = byKind(exceptions);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total <= (converted ? 0 : 1)) return OK;
  const words = [...counts].map(([kind, count]) => `${kind} ${count}`).join(", ");
  return wrong("exceptions", `converting the context threw exceptions: ${words}`);
}

const NAMES: Readonly<Record<ExceptionKind, string>> = {
  [ExceptionKind.UNSPECIFIED]: "other",
  [ExceptionKind.TYPE_ERROR]: "type_error",
  [ExceptionKind.REFERENCE_ERROR]: "reference_error",
  [ExceptionKind.SYNTAX_ERROR]: "syntax_error",
  [ExceptionKind.RANGE_ERROR]: "range_error",
  [ExceptionKind.TERMINATED]: "terminated",
};

/** Counts by kind. Kinds of a newer contract become `other`, so that servers cannot choose our labels. */
function byKind(counts: readonly ExceptionCount[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { kind, count } of counts) {
    const name = NAMES[kind] ?? "other";
    sums.set(name, (sums.get(name) ?? 0) + Number(count));
  }
  return sums;
}
