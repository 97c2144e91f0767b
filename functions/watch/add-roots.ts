import { type GroupPlace, groupOf, rootsOf } from "../model/ladder.ts";
import type { Order } from "../model/order.ts";

/** A slot's orders, and the root of each group that has orders but not that of its root: it is asked first in every slot. */
export function addRoots<O extends Order>(orders: readonly O[], placeOf: (kind: string) => GroupPlace): Order[] {
  const nameOf = (order: Order, kind: string): string => `${order.target.name}\n${kind}\n${order.vantage}`;
  const known = new Set(orders.map((order) => nameOf(order, order.plan.kind)));
  const added: Order[] = [];
  for (const [target, own] of Map.groupBy(orders, (order) => order.target)) {
    const roots = rootsOf(target, own[0]?.memory ?? {}, placeOf);
    for (const order of own) {
      const plan = roots.get(groupOf(target, order.plan.kind, placeOf(order.plan.kind).rung));
      if (plan === undefined || known.has(nameOf(order, plan.kind))) continue;
      known.add(nameOf(order, plan.kind));
      const { vantage, slot, attempt, memory } = order;
      added.push({ target, plan, vantage, slot, attempt, role: "sole", memory });
    }
  }
  return added.length === 0 ? [...orders] : [...orders, ...added];
}
