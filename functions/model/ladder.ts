import type { TargetMemory } from "./memory.ts";
import { offerOf } from "./offer.ts";
import type { Order } from "./order.ts";
import type { ProbePlan, Target } from "./target.ts";
import type { Vantage } from "./vantage.ts";

/**
 * Place in an origin's ladder, lowest first. All but `transport` are asked of the CAS origin. What is `outside` of both
 * has a ladder of its own: whether it answers says nothing of the others, nor they of it.
 */
export const RUNGS = ["health", "cas", "transport", "inside", "outside"] as const;

export type Rung = (typeof RUNGS)[number];

/** What a dependency group needs to know of a kind of probe. */
export interface GroupPlace {
  rung: Rung;
  /** It may be its group's root in every slot: it is cheap, and safe to repeat. */
  canBeRoot?: true;
}

/** All runs of one slot that ask one origin of one target from one vantage. */
export interface Ladder<O extends Order = Order> {
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
  const height = ({ kind }: ProbePlan): number => RUNGS.indexOf(placeOf(kind).rung);
  for (const plan of target.probes) {
    const { rung, canBeRoot } = placeOf(plan.kind);
    if (canBeRoot !== true || !plan.critical || offerOf(memory, plan.kind) === "not offered") continue;
    const origin = groupOf(target, plan.kind, rung);
    const known = roots.get(origin);
    if (known === undefined || height(plan) < height(known)) roots.set(origin, plan);
  }
  return roots;
}

/** Names the dependency group of a probe within its target. */
export const groupOf = (target: Target, kind: string, rung: Rung): string =>
  rung === "outside" ? kind : originOf(target, rung);

/**
 * Groups the orders of one slot into ladders. Two targets behind one origin have ladders of their own: a silence that
 * blocks must be seen to fail in the same target. Where the group's own root is not among the orders, the root is the
 * lowest rung among the critical probes, and only where none is due among the others: blocked by a root that cannot make
 * its target `down`, an outage would page nobody. Among equals the most frequent probe is the root, so that its streak is
 * the one that grows, then the first configured. What the target does not offer comes last.
 */
export function ladder<O extends Order>(orders: readonly O[], placeOf: PlaceOf): Ladder<O>[] {
  const groups = new Map<string, { origin: string; orders: O[] }>();
  for (const order of orders) {
    const origin = groupOf(order.target, order.plan.kind, placeOf(order.plan.kind).rung);
    const key = `${order.vantage} ${order.target.name} ${origin}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { origin, orders: [order] });
    else group.orders.push(order);
  }
  const height = ({ plan }: O): number => RUNGS.indexOf(placeOf(plan.kind).rung);
  const place = ({ target, plan }: O): number => target.probes.findIndex(({ kind }) => kind === plan.kind);
  const mayBeOffered = ({ memory, plan }: O): boolean => offerOf(memory, plan.kind) !== "not offered";
  return [...groups.values()].flatMap(({ origin, orders }) => {
    const climbed = orders.toSorted(
      (a, b) => height(a) - height(b) || a.plan.intervalMs - b.plan.intervalMs || place(a) - place(b),
    );
    const offered = climbed.filter(mayBeOffered);
    const critical = offered.filter(({ plan }) => plan.critical);
    const root =
      critical.find(({ plan }) => placeOf(plan.kind).canBeRoot === true) ?? critical[0] ?? offered[0] ?? climbed[0];
    if (root === undefined) return [];
    const rest = climbed.filter((order) => order !== root);
    return [{ target: root.target.name, origin, vantage: root.vantage, root, rest }];
  });
}

const originOf = (target: Target, rung: Exclude<Rung, "outside">): string => {
  const url = rung === "transport" ? target.transportUrl : target.casUrl;
  // Cut, not parsed: the config has normalised the URL, and parsing one per order shows in a tick of thousands.
  const end = url.indexOf("/", url.indexOf("//") + 2);
  return end === -1 ? url : url.slice(0, end);
};
