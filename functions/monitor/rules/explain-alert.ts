import { readsOf } from "../../evaluate/rules/condition.ts";
import type { Condition } from "../../evaluate/rules/kinds/registry.ts";
import { badCount } from "../../evaluate/verdict/streak.ts";
import { cleanLine } from "../../lib/clean-text.ts";
import { shorten } from "../../lib/shorten.ts";
import type { AlertLabels } from "../../model/alerting/alert.ts";
import { distinctSteps, type Evidence, type FailedStep, MAX_EVIDENCE_TEXT } from "../../model/alerting/evidence.ts";
import { matchesAll } from "../../model/alerting/matches.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import { type Failure, formatReason } from "../../model/probing/failure.ts";
import type { Sample } from "../../model/probing/sample.ts";
import type { ProbePlan, Target } from "../../model/probing/target.ts";
import type { Vantage } from "../../model/probing/vantage.ts";
import type { Verdict, Vote } from "../../model/probing/verdict.ts";
import type { SeriesTable } from "../../store/series/series-table.ts";
import { readVantageState, readVerdict, VANTAGE_STATE_FAMILY, VERDICT_FAMILY } from "../tick/verdict-columns.ts";

/** Where an alert's evidence comes from. */
export interface EvidenceSource {
  table: SeriesTable;
  targets: ReadonlyMap<string, Target>;
  vantages: readonly Vantage[];
  /** Runs of this evaluation's slot and attempt, by target. */
  samples: ReadonlyMap<string, readonly Sample[]>;
  /** Epoch ms. */
  now: number;
}

/** A probe of the alert with the newest votes of it that were not good. */
interface Trouble {
  plan: ProbePlan;
  verdict: Verdict;
  votes: readonly Vote[];
}

/**
 * What the newest runs of an alert's own probes say; undefined where it has none, or they are all good. With
 * `onlyNew`, only what the runs of this evaluation found.
 */
export function explainAlert(
  rule: Rule,
  labels: AlertLabels,
  source: EvidenceSource,
  onlyNew = false,
): Evidence | undefined {
  const target = source.targets.get(labels["target"] ?? "");
  const plans = target === undefined ? [] : ownProbes(rule, labels, target, source);
  if (target === undefined || plans.length === 0) return undefined;
  const vantages = source.vantages.filter((one) => labels["vantage"] === undefined || one === labels["vantage"]);
  const runs = (source.samples.get(target.name) ?? []).filter(({ probe }) => plans.some(({ kind }) => kind === probe));
  if (onlyNew && runs.length === 0) return undefined;
  const troubles = worst(plans.map((plan) => troubleOf(target, plan, vantages, source)));
  const isVote = (sample: Sample): boolean =>
    troubles.some(({ plan, votes }) => plan.kind === sample.probe && votes.some((vote) => isOf(vote, sample)));
  const found = runs.filter(isVote);
  const steps = distinctSteps([...found.flatMap(stepsOf), ...(onlyNew ? [] : troubles.flatMap(unexplained(found)))]);
  if (steps.length === 0) return undefined;
  const [first] = troubles.toSorted((a, b) => a.verdict.since - b.verdict.since);
  const lastSuccessAt = lastSuccessOf(target, troubles, vantages, source);
  return {
    ...(first === undefined || isOfBudget(rule) ? {} : { cause: first.plan.kind, runs: runsOf(first) }),
    steps,
    vantages: [...new Set(troubles.flatMap(({ votes }) => votes.map(({ vantage }) => vantage)))],
    outOf: vantages.length,
    ...(lastSuccessAt === undefined ? {} : { lastSuccessAt }),
    ...(found[0] === undefined ? {} : { traceId: found[0].traceId }),
  };
}

/** The probes that an alert is about; none where it is about something else. */
function ownProbes(rule: Rule, { probe }: AlertLabels, target: Target, source: EvidenceSource): ProbePlan[] {
  if (probe !== undefined) return target.probes.filter(({ kind }) => kind === probe);
  const condition = rule.condition as Condition;
  if (condition.kind === "verdict") {
    const { state } = condition;
    return target.probes.filter((plan) => {
      if (!plan.critical || state === "unknown") return false;
      const verdict = verdictOf(target, plan, source);
      return state === "down" ? verdict.incidentOpen : verdict.state === state;
    });
  }
  if (rule.probes !== undefined) return target.probes.filter(({ kind }) => rule.probes?.includes(kind));
  const named = readsOf(condition)
    .map(({ selector }) => (selector.matchers ?? []).filter(({ name }) => name === "probe"))
    .find((matchers) => matchers.length > 0);
  if (named !== undefined) return target.probes.filter(({ kind }) => matchesAll(named, { probe: kind }));
  return isOfBudget(rule) ? target.probes.filter((plan) => burns(target, plan, source)) : [];
}

/** An outage that goes on has an alert of its own. */
const burns = (target: Target, plan: ProbePlan, source: EvidenceSource): boolean =>
  plan.critical && !verdictOf(target, plan, source).incidentOpen;

/** The critical probes burn the error budget together: none of them opened an incident. */
const isOfBudget = ({ condition }: Rule): boolean =>
  readsOf(condition).some(({ selector }) => selector.family === "zako_v1_target_votes_total");

function verdictOf(target: Target, plan: ProbePlan, { table, now }: EvidenceSource): Verdict {
  const { block, offset } = table.at(target.name, VERDICT_FAMILY.name, { probe: plan.kind }, now);
  return readVerdict(block.values, offset);
}

/** Those that fail; where none does, those that are degraded. */
function worst(troubles: readonly Trouble[]): Trouble[] {
  const failing = only(troubles, "failed");
  return failing.length > 0 ? failing : only(troubles, "degraded");
}

const only = (troubles: readonly Trouble[], outcome: Vote["outcome"]): Trouble[] =>
  troubles
    .map((trouble) => ({ ...trouble, votes: trouble.votes.filter((vote) => vote.outcome === outcome) }))
    .filter(({ votes }) => votes.length > 0);

function troubleOf(target: Target, plan: ProbePlan, vantages: readonly Vantage[], source: EvidenceSource): Trouble {
  const votes = vantages.flatMap((vantage) => {
    const labels = { probe: plan.kind, vantage };
    const { block, offset } = source.table.at(target.name, VANTAGE_STATE_FAMILY.name, labels, source.now);
    const { vote } = readVantageState(block.values, offset, vantage);
    return vote === undefined || vote.outcome === "ok" ? [] : [vote];
  });
  return { plan, verdict: verdictOf(target, plan, source), votes };
}

const isOf = (vote: Vote, run: Pick<Sample, "vantage" | "slot" | "attempt">): boolean =>
  vote.vantage === run.vantage && vote.slot === run.slot && vote.attempt === run.attempt;

/** Everything that failed in a run; the run's own reason where that is no step's. */
function stepsOf({ probe, steps, failure }: Sample): FailedStep[] {
  const failed = steps.flatMap((step) =>
    step.outcome === "failed" && step.failure !== undefined ? [failedStep(probe, step.failure, step.name)] : [],
  );
  return failed.length > 0 || failure === undefined ? failed : [failedStep(probe, failure)];
}

function failedStep(probe: string, failure: Failure, step?: string): FailedStep {
  const { reason, message, httpStatus, hint, said } = failure;
  const text = (words: string): string => shorten(cleanLine(words), MAX_EVIDENCE_TEXT);
  return {
    probe,
    ...(step === undefined ? {} : { step }),
    reason,
    ...(message === formatReason[reason] ? {} : { message: text(message) }),
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(hint === undefined ? {} : { hint: text(hint) }),
    ...(said === undefined ? {} : { said: text(said) }),
  };
}

/** Probes whose votes came before these runs are named by their reasons alone. */
const unexplained =
  (found: readonly Sample[]) =>
  ({ plan: { kind: probe }, votes }: Trouble): FailedStep[] =>
    found.some((run) => run.probe === probe) ? [] : votes.map(({ reason = "internal" }) => ({ probe, reason }));

function runsOf({ plan, verdict }: Trouble): NonNullable<Evidence["runs"]> {
  const outOf = Math.min(plan.thresholds.outOf, Math.max(1, verdict.ringLength));
  return { failed: badCount(verdict, plan.thresholds), outOf, confirmed: verdict.lastAttempt > 0 };
}

/** Of the probe that has failed for longest. */
function lastSuccessOf(
  target: Target,
  troubles: readonly Trouble[],
  vantages: readonly Vantage[],
  { table }: EvidenceSource,
): number | undefined {
  const family = "zako_v1_probe_last_success_timestamp_seconds";
  const known = troubles.flatMap(({ plan }) => {
    const good = vantages
      .map((vantage) => table.read(target.name, family, { probe: plan.kind, vantage }))
      .filter((at): at is number => at !== undefined && !Number.isNaN(at));
    return good.length === 0 ? [] : [Math.max(...good) * 1000];
  });
  return known.length === 0 ? undefined : Math.min(...known);
}
