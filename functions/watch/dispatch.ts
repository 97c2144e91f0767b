import { fnv1a } from "../lib/fnv1a.ts";
import { Semaphore } from "../lib/semaphore.ts";
import type { Order } from "../model/order.ts";
import { LOCAL_VANTAGE, type Vantage } from "../model/vantage.ts";
import type { ProbeOrders } from "./monitor-ports.ts";

/** A Monitor waits for this many RegionProbers at once: calls to other objects count among its six connections. */
const LANES_AT_ONCE = 6;

/** Orders for one RegionProber. All orders of an origin stay in one lane, since a ladder is climbed in one place. */
export interface Lane {
  vantage: Vantage;
  index: number;
  orders: Order[];
}

/** Splits orders by vantage and lane. Pure; the lane of an origin does not depend on what else is due. */
export function lanesOf(orders: readonly Order[], lanes: number): Lane[] {
  const byName = new Map<string, Lane>();
  for (const order of orders) {
    const index = fnv1a(order.target.name) % lanes;
    const name = `${order.vantage}:${index}`;
    let lane = byName.get(name);
    if (lane === undefined) {
      lane = { vantage: order.vantage, index, orders: [] };
      byName.set(name, lane);
    }
    lane.orders.push(order);
  }
  return [...byName.values()];
}

/** Where orders of a region are sent. Rejects where the region could not be reached or broke. */
export type RegionPort = (lane: Lane, deadlineAt: number) => ReturnType<ProbeOrders> | Promise<void>;

/** `lanes` is asked anew for every batch. Sends local orders to `local` and all others to their region's lanes; a lane that breaks costs its own orders only. */
export function dispatchOrders(
  lanes: () => number,
  local: ProbeOrders,
  region: (lane: Lane, deadlineAt: number, deliver: Parameters<ProbeOrders>[2]) => Promise<void>,
  onError: (lane: Lane, error: unknown) => void,
): ProbeOrders {
  return async (orders, deadlineAt, deliver) => {
    const gate = new Semaphore(LANES_AT_ONCE);
    const runs = lanesOf(orders, lanes()).map(async (lane) => {
      try {
        if (lane.vantage === LOCAL_VANTAGE) await local(lane.orders, deadlineAt, deliver);
        else await gate.run(() => region(lane, deadlineAt, deliver));
      } catch (error) {
        onError(lane, error);
      }
    });
    await Promise.all(runs);
  };
}
