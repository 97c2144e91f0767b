import type { Offer } from "../../model/probing/offer.ts";
import type { Schedule } from "../../model/probing/probe-task.ts";
import type { ProbePlan } from "../../model/probing/target.ts";
import type { Vantage } from "../../model/probing/vantage.ts";
import type { VantageState, Verdict } from "../../model/probing/verdict.ts";
import type { Run } from "./new-votes.ts";

/** A probe, what was known of it, and what is new: all that a judgement rests on. */
export interface VerdictInput {
  plan: Pick<ProbePlan, "intervalMs" | "thresholds"> & Partial<Pick<ProbePlan, "critical" | "recheckMs">>;
  schedule: Schedule;
  /** Whether the target offers what the probe asks, by all that is known with these runs; left out: not asked yet. */
  offer?: Offer;
  /** All vantages that take part in the probe. */
  vantages: readonly Vantage[];
  /** Vantages whose own failure is likelier than the targets' (see `suspectVantages`): their votes count for nothing. */
  suspects: { has(vantage: Vantage): boolean };
  /** What the last judgement left; before the first, unknown without votes. */
  previous: Verdict;
  vantageStates: readonly VantageState[];
  /** The probe's runs since; none where it was not due or all were lost. Order and repetition do not matter. */
  runs: readonly Run[];
  /** What is judged, once all its runs are in: start of the slot in epoch ms, and the attempt. */
  slot: number;
  attempt: number;
  /** When these runs were asked for, epoch ms; left out: the start of the slot. */
  askedAt?: number;
}
