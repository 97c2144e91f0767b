import type { Judgement } from "../../evaluate/verdict/judge-probe.ts";
import type { Confirmation } from "../../evaluate/verdict/needs-confirmation.ts";
import type { Config } from "../../model/config.ts";
import { dueRuns } from "../../model/probing/due-runs.ts";
import { EMPTY_MEMORY } from "../../model/probing/memory.ts";
import type { Schedule } from "../../model/probing/probe-task.ts";
import type { ProbePlan, Target } from "../../model/probing/target.ts";
import type { Verdict } from "../../model/probing/verdict.ts";
import type { ProbeInput } from "../tick/probe-inputs.ts";

/** A probe as it was judged, with what it was judged by. */
export interface Judged {
  input: ProbeInput;
  judgement: Judgement;
}

/** What bounds the runs that are made at once. */
export interface OverdueBounds {
  config: Pick<Config, "gridMs" | "vantages">;
  scheduleOf: (kind: string) => Schedule;
  /** Start of the slot that was judged, epoch ms. */
  slot: number;
  /** Runs that are made at once anyway, and the most that one lane of one vantage may be asked for. */
  confirmations: readonly Confirmation[];
  perVantage: number;
  /** The lane that asks a target. */
  laneOf: (target: string) => number;
}

/**
 * The runs that are due at once because the root of their group is well: those of the critical probes that were blocked,
 * and after the root's first good run of those whose votes have expired. What finds no room follows in the next slots,
 * since a probe stays blocked until it has run.
 */
export function overdueRuns(targets: readonly (readonly Judged[])[], bounds: OverdueBounds): Confirmation[] {
  const asked = new Map<string, number>();
  const lane = ({ vantage, target }: Confirmation): string => `${vantage}:${bounds.laneOf(target)}`;
  /** Takes a place in the run's lane, unless all are taken. */
  const takesPlace = (run: Confirmation): boolean => {
    const taken = asked.get(lane(run)) ?? 0;
    if (taken >= bounds.perVantage) return false;
    asked.set(lane(run), taken + 1);
    return true;
  };
  for (const one of bounds.confirmations) takesPlace(one);
  const known = new Set(bounds.confirmations.map(nameOf));
  return targets.flatMap((target) =>
    target
      .filter((one) => isOverdue(one, target))
      .flatMap(({ input }) => runsOf(input.target, input.plan, bounds))
      .filter((run) => !known.has(nameOf(run)) && takesPlace(run)),
  );
}

/** The runs, each group's root before those of its probes that failed for want of a server or wait for it. */
export function withRoots(runs: readonly Confirmation[], targets: readonly (readonly Judged[])[]): Confirmation[] {
  const byName = new Map(targets.flat().map((one) => [`${one.input.target.name} ${one.input.plan.kind}`, one]));
  const all = new Map(runs.map((run) => [nameOf(run), run]));
  const roots = new Map<string, Confirmation>();
  for (const { target, probe, vantage } of runs) {
    const one = byName.get(`${target} ${probe}`);
    const { root } = one?.input ?? {};
    if (
      one === undefined ||
      root === undefined ||
      !(one.judgement.verdict.unreachable || one.judgement.verdict.blocked)
    )
      continue;
    const run: Confirmation = { target, probe: root.kind, vantage, role: "sole" };
    if (!all.has(nameOf(run))) roots.set(nameOf(run), run);
  }
  return [...roots.values(), ...runs];
}

const nameOf = ({ target, probe, vantage }: Confirmation): string => `${target}\n${probe}\n${vantage}`;

function isOverdue({ input, judgement }: Judged, target: readonly Judged[]): boolean {
  const { plan, root, runs, offer } = input;
  const isAsked = runs.some(({ outcome }) => outcome !== "blocked");
  if (!plan.critical || root === undefined || offer === "not offered" || isAsked) return false;
  const lead = target.find((one) => one.input.plan === root);
  if (lead === undefined || !isWell(lead)) return false;
  const { verdict } = judgement;
  const isExpired = verdict.state === "unknown" && !verdict.skipped && verdict.lastSlot > 0;
  return verdict.blocked || (isExpired && isFirstGood(lead.input.previous));
}

/** Whether a root was found well in this attempt; one that was skipped has answered, too. */
const isWell = ({ input, judgement: { why } }: Judged): boolean =>
  input.runs.length > 0 &&
  (why.majority === "good" || (why.majority === "none" && input.runs.some(({ outcome }) => outcome === "skipped")));

const isFirstGood = ({ lastSlot, ring }: Verdict): boolean => lastSlot > 0 && (ring & 1) === 1;

/** A probe's scheduled runs, as if it were due now. The followers of a single writer run in their own slot. */
function runsOf(target: Target, plan: ProbePlan, { config, scheduleOf, slot }: OverdueBounds): Confirmation[] {
  const targets = [{ ...target, probes: [plan] }];
  const due = dueRuns({ config: { ...config, targets }, scheduleOf, memoryOf: () => EMPTY_MEMORY, slot, all: true });
  return due
    .filter(({ role }) => role !== "follower")
    .map(({ vantage, role }) => ({ target: target.name, probe: plan.kind, vantage, role }));
}
