import type { TargetMemory } from "./memory.ts";
import { offerOf } from "./offer.ts";
import type { ProbeTask } from "./probe-task.ts";
import type { ProbePlan, Target } from "./target.ts";
import type { Vantage } from "./vantage.ts";

/**
 * Place in an origin's ladder, lowest first. All but `transport` are asked of the CAS origin. What is `outside` of both
 * has a ladder of its own: whether it answers says nothing of the others, nor they of it.
 */
const TIERS = ["health", "cas", "transport", "inside", "outside"] as const;

export type Tier = (typeof TIERS)[number];

/** What a dependency group needs to know of a kind of probe. */
export interface GroupPlace {
  tier: Tier;
  /** It may be its group's root in every slot: it is cheap, and safe to repeat. */
  canBeRoot?: true;
}

/** All runs of one slot that ask one origin of one target from one vantage. */
export interface DependencyGroup<O extends ProbeTask = ProbeTask> {
  target: string;
  origin: string;
  vantage: Vantage;
  /** Runs first. Where it finds no server, the rest is `blocked`. */
  root: O;
  /** Lowest rung first. */
  rest: readonly O[];
}

type PlaceOf = (kind: string) => GroupPlace;

/**
 * The root of each of a target's dependency groups, by origin: the first critical probe that can be one and that the
 * target may offer. It is asked first in every slot of its group. A group without one has another root in each slot.
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

/** Names the dependency group of a probe within its target. */
export const groupOf = (target: Target, kind: string, tier: Tier): string =>
  tier === "outside" ? kind : originOf(target, tier);

/**
 * Groups the orders of one slot into ladders. Two targets behind one origin have ladders of their own: a silence that
 * blocks must be seen to fail in the same target. Where the group's own root is not among the orders, the root is the
 * lowest rung among the critical probes, and only where none is due among the others: blocked by a root that cannot make
 * its target `down`, an outage would page nobody. Among equals the most frequent probe is the root, so that its streak is
 * the one that grows, then the first configured. What the target does not offer comes last.
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
  // Cut, not parsed: the config has normalised the URL, and parsing one per order shows in a tick of thousands.
  const end = url.indexOf("/", url.indexOf("//") + 2);
  return end === -1 ? url : url.slice(0, end);
};
