import type { Order } from "./order.ts";
import type { Target } from "./target.ts";
import type { Vantage } from "./vantage.ts";

/**
 * Place in an origin's ladder, lowest first. `health` and `cas` are asked of the CAS origin. What is `outside` of both
 * has a ladder of its own: whether it answers says nothing of the others, nor they of it.
 */
export const RUNGS = ["health", "cas", "transport", "outside"] as const;

export type Rung = (typeof RUNGS)[number];

/** All runs of one slot that ask one origin of one target from one vantage. */
export interface Ladder<O extends Order = Order> {
  target: string;
  origin: string;
  vantage: Vantage;
  /** Runs first. Where it gets no answer at all, the rest is `blocked`. */
  root: O;
  /** Lowest rung first. */
  rest: readonly O[];
}

/**
 * Groups the orders of one slot into ladders. Two targets behind one origin have ladders of their own: a silence that
 * blocks must be seen to fail in the same target. The root is the lowest rung among the critical probes, and only where
 * none is due among the others: blocked by a root that cannot make its target `down`, an outage would page nobody.
 * Among equals the most frequent probe is the root, so that its streak is the one that grows, then the first configured.
 */
export function ladder<O extends Order>(orders: readonly O[], rungOf: (kind: string) => Rung): Ladder<O>[] {
  const groups = new Map<string, { origin: string; orders: O[] }>();
  for (const order of orders) {
    const rung = rungOf(order.plan.kind);
    const origin = rung === "outside" ? order.plan.kind : originOf(order.target, rung);
    const key = `${order.vantage} ${order.target.name} ${origin}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { origin, orders: [order] });
    else group.orders.push(order);
  }
  const height = ({ plan }: O): number => RUNGS.indexOf(rungOf(plan.kind));
  const place = ({ target, plan }: O): number => target.probes.findIndex(({ kind }) => kind === plan.kind);
  return [...groups.values()].flatMap(({ origin, orders }) => {
    const climbed = orders.toSorted(
      (a, b) => height(a) - height(b) || a.plan.intervalMs - b.plan.intervalMs || place(a) - place(b),
    );
    const root = climbed.find(({ plan }) => plan.critical) ?? climbed[0];
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
