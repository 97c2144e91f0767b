import type { TargetMemory } from "./memory.ts";
import { offerOf } from "./offer.ts";
import type { ProbeTask } from "./probe-task.ts";
import type { ProbePlan, Target } from "./target.ts";
import type { Vantage } from "./vantage.ts";

/**
 * Tiers of a dependency group, lowest first. All but `transport` use the CAS origin. An endpoint `outside` of both has a
 * group of its own: its answers say nothing about the others, and theirs nothing about it.
 */
const TIERS = ["health", "cas", "transport", "inside", "outside"] as const;

export type Tier = (typeof TIERS)[number];

/** What a dependency group needs to know of a kind of probe. */
export interface GroupPlace {
  tier: Tier;
  /** Whether it may be its group's root in every slot: it must be cheap and safe to repeat. */
  canBeRoot?: true;
}

/** All runs of one slot that use the same origin of the same target from the same vantage. */
export interface DependencyGroup<O extends ProbeTask = ProbeTask> {
  target: string;
  origin: string;
  vantage: Vantage;
  /** Runs first. If it does not reach the server, the rest is `blocked`. */
  root: O;
  /** Lowest tier first. */
  rest: readonly O[];
}

type PlaceOf = (kind: string) => GroupPlace;

/**
 * The root of each of a target's dependency groups, by origin: the first critical probe that can be a root and that the
 * target may offer. It runs first in every slot of its group. A group without such a probe may have another root in each
 * slot.
 */
export function rootsOf(
  target: Target,
  memory: Pick<TargetMemory, "offers">,
  placeOf: PlaceOf,
): ReadonlyMap<string, ProbePlan> {
  const roots = new Map<string, ProbePlan>();
  const height = ({ kind }: ProbePlan): number => TIERS.indexOf(placeOf(kind).tier);
  for (const plan of target.probes) {
    const { tier, canBeRoot } = placeOf(plan.kind);
    if (canBeRoot !== true || !plan.critical || offerOf(memory, plan.kind) === "not offered") continue;
    const origin = groupOf(target, plan.kind, tier);
    const known = roots.get(origin);
    if (known === undefined || height(plan) < height(known)) roots.set(origin, plan);
  }
  return roots;
}

/** Key of a probe's dependency group within its target. */
export const groupOf = (target: Target, kind: string, tier: Tier): string =>
  tier === "outside" ? kind : originOf(target, tier);

/**
 * Groups the tasks of one slot into dependency groups. Two targets behind one origin have separate groups, because a run
 * may only be blocked by a failure of its own target. If the group's regular root is not among the tasks, the lowest
 * tier of the critical probes is the root; other probes are considered only if no critical one is due, because an outage
 * would page nobody if the root cannot make its target `down`. Among equals the most frequent probe is the root, so that
 * its streak grows, then the first configured. Probes that the target does not offer come last.
 */
export function dependencyGroups<O extends ProbeTask>(tasks: readonly O[], placeOf: PlaceOf): DependencyGroup<O>[] {
  const groups = new Map<string, { origin: string; tasks: O[] }>();
  for (const task of tasks) {
    const origin = groupOf(task.target, task.plan.kind, placeOf(task.plan.kind).tier);
    const key = `${task.vantage} ${task.target.name} ${origin}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { origin, tasks: [task] });
    else group.tasks.push(task);
  }
  const height = ({ plan }: O): number => TIERS.indexOf(placeOf(plan.kind).tier);
  const place = ({ target, plan }: O): number => target.probes.findIndex(({ kind }) => kind === plan.kind);
  const mayBeOffered = ({ memory, plan }: O): boolean => offerOf(memory, plan.kind) !== "not offered";
  return [...groups.values()].flatMap(({ origin, tasks }) => {
    const byTier = tasks.toSorted(
      (a, b) => height(a) - height(b) || a.plan.intervalMs - b.plan.intervalMs || place(a) - place(b),
    );
    const offered = byTier.filter(mayBeOffered);
    const critical = offered.filter(({ plan }) => plan.critical);
    const root =
      critical.find(({ plan }) => placeOf(plan.kind).canBeRoot === true) ?? critical[0] ?? offered[0] ?? byTier[0];
    if (root === undefined) return [];
    const rest = byTier.filter((task) => task !== root);
    return [{ target: root.target.name, origin, vantage: root.vantage, root, rest }];
  });
}

const originOf = (target: Target, tier: Exclude<Tier, "outside">): string => {
  const url = tier === "transport" ? target.transportUrl : target.casUrl;
  // Cut, not parsed: the config has normalised the URL, and parsing one per task is slow in a tick with thousands.
  const end = url.indexOf("/", url.indexOf("//") + 2);
  return end === -1 ? url : url.slice(0, end);
};
