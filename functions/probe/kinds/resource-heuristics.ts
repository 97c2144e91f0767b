import * as z from "zod";
import { DiagnosticsService } from "../../../proto/gen/zako/diagnostics/v1/diagnostics_pb.ts";
import type { DescribeHostResponse, DiskState } from "../../../proto/gen/zako/diagnostics/v1/host_pb.ts";
import { INSIDE_FAMILIES as F } from "../../model/families/inside-families.ts";
import { unanswered } from "../diagnostics/diagnostics.ts";
import { type Deviation, deviations } from "../diagnostics/heuristics.ts";
import { observeHost } from "../diagnostics/host-facts.ts";
import type { ProbeKind, Run, StepResult } from "../kind.ts";
import { OK, wrong } from "../step-result.ts";

const Options = z.strictObject({
  min_disk_free_bytes: z
    .int()
    .min(0)
    .max(2 ** 50)
    .default(2 ** 30)
    .meta({ description: "Free space on the disk of the CAS below which the probe fails: uploads would fail soon." }),
});
type Options = z.output<typeof Options>;

export const resourceHeuristics: ProbeKind<Options> = {
  kind: "resource.heuristics",
  doc: "Derives Zako's settings from its host's facts, compares them with the derived and the effective ones, and checks free disk space.",
  tier: "inside",
  schedule: "rotating",
  recheck: "safe",
  defaults: { enabled: true, intervalMs: 300_000, timeoutMs: 10_000, critical: false },
  options: Options,
  calls: () => 1,
  writesBytes: () => 0,
  tokensIssued: 0,
  steps: ["host", "derived", "effective", "disk"],
  // A value set by hand may be intended.
  minorSteps: ["effective"],
  families: [
    F.memory,
    F.cpuCores,
    F.cacheCapacity,
    F.cacheTtl,
    F.cacheTti,
    F.cacheHitRatioOfMemory,
    F.threadStack,
    F.casDirectory,
    F.diskFree,
    F.diskTotal,
    F.diskRead,
    F.diskWritten,
    F.contextSwitches,
    F.heuristicDeviation,
    F.activeConnections,
    F.actualConcurrency,
    F.tokensHeld,
    F.residentMemory,
    F.processCpu,
  ],
  initial: () => [],

  async run(run) {
    let described: Described | undefined;
    await run.step("host", async () => {
      const answer = await run.cas.call(DiagnosticsService.method.describeHost, [{}]);
      if (!answer.ok) return unanswered(answer);
      observeHost(run, answer.message);
      described = read(answer.message);
      return described === undefined ? wrong("invalid_answer", "the description of the host is incomplete") : OK;
    });
    const found = described;
    if (found === undefined) return undefined;
    for (const { value, derived, effective } of found.deviations) {
      run.observe(F.heuristicDeviation, Math.max(derived, effective), { value });
    }
    await run.step("derived", async () => judge(found.deviations, "derived", "differ from what the rules derive"));
    await run.step("effective", async () => judge(found.deviations, "effective", "are not in effect as derived"));
    const { disk } = found;
    if (disk !== undefined) await run.step("disk", async () => judgeDisk(run, disk));
    return undefined;
  },
};

interface Described {
  readonly deviations: readonly Deviation[];
  readonly disk: DiskState | undefined;
}

/** The parts needed for a judgement; undefined if some are missing. */
function read({ host, derived, effective, disk }: DescribeHostResponse): Described | undefined {
  if (host === undefined || derived === undefined || effective === undefined) return undefined;
  const facts = { memoryBytes: Number(host.memoryBytes), cpuCores: host.cpuCores };
  if (facts.memoryBytes === 0 || facts.cpuCores === 0) return undefined;
  return { deviations: deviations(facts, derived, effective), disk };
}

function judge(found: readonly Deviation[], which: "derived" | "effective", what: string): StepResult {
  const off = found.filter((one) => one[which] > 0).map(({ value }) => value);
  return off.length === 0 ? OK : wrong("settings_deviate", `settings ${what}: ${off.join(", ")}`);
}

function judgeDisk({ options }: Run<Options>, { freeBytes }: DiskState): StepResult {
  if (freeBytes >= BigInt(options.min_disk_free_bytes)) return OK;
  return wrong("disk_low", `the disk of the CAS has only ${freeBytes} bytes free`);
}
