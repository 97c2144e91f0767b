import type { Config } from "../../model/config.ts";
import type { GroupPlace } from "../../model/probing/dependency-group.ts";
import type { TargetMemory } from "../../model/probing/memory.ts";
import type { ProbePlan, Target } from "../../model/probing/target.ts";
import type { Vantage } from "../../model/probing/vantage.ts";
import type { VantageState, Verdict } from "../../model/probing/verdict.ts";
import type { SeriesTable } from "../../store/series/series-table.ts";
import { probeInputs } from "../tick/probe-inputs.ts";
import { readVerdict, VERDICT_FAMILY } from "../tick/verdict-columns.ts";

/** A probe that is rechecked until it is known to be well or in its incident no more. */
export interface FailingProbe {
  target: Target;
  plan: ProbePlan & { recheckMs: number };
  verdict: Verdict;
  /** Vantages that see it failing by a streak of their own. */
  failingFrom: readonly Vantage[];
  /** The root of its dependency group fails: it would only be blocked. */
  isRootFailing: boolean;
}

/** A probe as it was judged last. */
export interface JudgedProbe {
  target: Target;
  plan: ProbePlan;
  root?: ProbePlan;
  verdict: Verdict;
  vantageStates: readonly VantageState[];
}

/** Whether the newest evaluation of a probe was bad. */
export const isBad = ({ ring }: Pick<Verdict, "ring">): boolean => (ring & 1) === 1;

/** Whether an incident is open, some vantages see it failing, or its newest failure waits to be confirmed. */
const isFailing = (verdict: Verdict): boolean =>
  !verdict.skipped && (verdict.incidentOpen || verdict.state === "regional" || isBad(verdict));

/** The probes of one target that are to be rechecked, by how all of them were judged last. */
export function failingProbes(all: readonly JudgedProbe[]): FailingProbe[] {
  return all.flatMap(({ target, plan, root, verdict, vantageStates }): FailingProbe[] => {
    const { recheckMs } = plan;
    if (recheckMs === undefined || !isFailing(verdict)) return [];
    const lead = root === undefined ? undefined : all.find((other) => other.plan === root);
    const failingFrom = vantageStates.filter(({ failing }) => failing).map(({ vantage }) => vantage);
    const isRootFailing = lead !== undefined && isBad(lead.verdict);
    return [{ target, plan: { ...plan, recheckMs }, verdict, failingFrom, isRootFailing }];
  });
}

/** The same by what is stored: an object that was evicted goes on with them. */
export function storedFailingProbes(
  table: SeriesTable,
  config: Pick<Config, "targets" | "vantages">,
  placeOf: (kind: string) => GroupPlace,
  memoryOf: (target: string) => Pick<TargetMemory, "offers">,
  now: number,
): FailingProbe[] {
  return config.targets.flatMap((target) => {
    const isAnyFailing = target.probes.some(({ kind: probe, recheckMs }) => {
      if (recheckMs === undefined) return false;
      const { block, offset } = table.at(target.name, VERDICT_FAMILY.name, { probe }, now);
      return isFailing(readVerdict(block.values, offset));
    });
    if (!isAnyFailing) return [];
    const source = { config, table, placeOf, memory: memoryOf(target.name), slot: now, now };
    return failingProbes(
      probeInputs(source, target, []).map(({ previous, ...input }) => ({ ...input, verdict: previous })),
    );
  });
}
