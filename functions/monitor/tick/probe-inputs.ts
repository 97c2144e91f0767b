import type { Run } from "../../evaluate/verdict/new-votes.ts";
import { ownRuns } from "../../evaluate/verdict/own-runs.ts";
import type { Config } from "../../model/config.ts";
import type { GroupPlace } from "../../model/probing/dependency-group.ts";
import { groupOf, rootsOf } from "../../model/probing/dependency-group.ts";
import type { TargetMemory } from "../../model/probing/memory.ts";
import { type Offer, offerOf } from "../../model/probing/offer.ts";
import type { Sample } from "../../model/probing/sample.ts";
import type { ProbePlan, Target } from "../../model/probing/target.ts";
import type { Vantage } from "../../model/probing/vantage.ts";
import type { VantageState, Verdict } from "../../model/probing/verdict.ts";
import type { SeriesTable } from "../../store/series/series-table.ts";
import { readVantageState, readVerdict, VANTAGE_STATE_FAMILY, VERDICT_FAMILY } from "./verdict-columns.ts";

/** A probe with the results of this attempt of the slot, and its previous state. */
export interface ProbeInput {
  target: Target;
  plan: ProbePlan;
  /** Its runs, as they are judged. */
  runs: readonly Run[];
  offer: Offer;
  /** The root of its dependency group; absent if it is the root itself, or if the group has no regular root. */
  root?: ProbePlan;
  previous: Verdict;
  vantageStates: readonly VantageState[];
}

/** Sources of the inputs. */
export interface InputSource {
  config: Pick<Config, "vantages">;
  table: SeriesTable;
  placeOf: (kind: string) => GroupPlace;
  memory: Pick<TargetMemory, "offers">;
  /** Start of the judged slot, and the current time; epoch ms. */
  slot: number;
  now: number;
}

/** Inputs for judging a target's probes, in the order of its plans. */
export function probeInputs(source: InputSource, target: Target, samples: readonly Sample[]): ProbeInput[] {
  const { placeOf, memory } = source;
  const byProbe = Map.groupBy(samples, ({ probe }) => probe);
  const roots = rootsOf(target, memory, placeOf);
  return target.probes.map((plan): ProbeInput => {
    const offer = offerOf(memory, plan.kind);
    const lead = roots.get(groupOf(target, plan.kind, placeOf(plan.kind).tier));
    const root = lead === plan ? undefined : lead;
    const facts =
      root === undefined
        ? {}
        : { root: { runs: byProbe.get(root.kind) ?? [], previous: previousOf(source, target, root) } };
    return {
      target,
      plan,
      offer,
      runs: ownRuns(byProbe.get(plan.kind) ?? [], { offer, ...facts }),
      ...(root === undefined ? {} : { root }),
      previous: previousOf(source, target, plan),
      vantageStates: vantageStatesOf(source, target, plan),
    };
  });
}

// Data of a future slot was written while the clock was wrong. It must not count as the newest, or everything until that
// slot would be ignored.
function previousOf({ table, slot, now }: InputSource, target: Target, plan: ProbePlan): Verdict {
  const { block, offset } = table.at(target.name, VERDICT_FAMILY.name, { probe: plan.kind }, now);
  const verdict = readVerdict(block.values, offset);
  return verdict.lastSlot > slot ? { ...verdict, lastSlot: 0, lastAttempt: 0 } : verdict;
}

function vantageStatesOf({ config, table, slot, now }: InputSource, target: Target, plan: ProbePlan): VantageState[] {
  return config.vantages.map((vantage: Vantage) => {
    const { block, offset } = table.at(target.name, VANTAGE_STATE_FAMILY.name, { probe: plan.kind, vantage }, now);
    const { vote, ...rest } = readVantageState(block.values, offset, vantage);
    return {
      ...rest,
      ...(vote === undefined || vote.slot > slot ? {} : { vote }),
      skippedSlot: rest.skippedSlot > slot ? 0 : rest.skippedSlot,
    };
  });
}
