import * as z from "zod";
import { DiagnosticsService } from "../../../proto/gen/zako/diagnostics/v1/diagnostics_pb.ts";
import { INSIDE_FAMILIES as F } from "../../model/families/inside-families.ts";
import { seconds, unanswered } from "../diagnostics/diagnostics.ts";
import type { ProbeKind, Run, StepResult } from "../kind.ts";
import { OK, wrong } from "../step-result.ts";

const Options = z.strictObject({});
type Options = z.output<typeof Options>;

export const engineExecute: ProbeKind<Options> = {
  kind: "engine.execute",
  doc: "Loads and runs a trivial built-in module in the engine, and checks the value it returns.",
  tier: "inside",
  schedule: "rotating",
  recheck: "safe",
  // The alert on slow modules starts at 5 s; a shorter deadline would hide it.
  defaults: { enabled: true, intervalMs: 300_000, timeoutMs: 10_000, critical: false },
  options: Options,
  calls: () => 1,
  writesBytes: () => 0,
  tokensIssued: 0,
  steps: ["module"],
  minorSteps: [],
  families: [F.moduleLoad, F.moduleExecution],
  initial: () => [],

  async run(run) {
    await run.step("module", () => execute(run));
    return undefined;
  },
};

async function execute(run: Run<Options>): Promise<StepResult> {
  // A different argument in each slot, so that a cached result would be wrong.
  const input = (run.task.slot / 1_000 + run.task.attempt) % 65_536;
  const answer = await run.cas.call(DiagnosticsService.method.runModule, [{ input }]);
  if (!answer.ok) return unanswered(answer);
  run.observe(F.moduleLoad, seconds(answer.message.loadNanos));
  run.observe(F.moduleExecution, seconds(answer.message.executionNanos));
  if (answer.message.value === BigInt(input * input + 1)) return OK;
  return wrong("wrong_value", "the module returned a wrong value");
}
