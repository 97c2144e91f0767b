import type { ShippingState } from "../../../functions/store/history/history-backlog.ts";

/** The state before anything was shipped. */
export const NOTHING_SHIPPED: ShippingState = {
  closedBefore: 0,
  shippedThrough: 0,
  nextAt: 0,
  failuresInRow: 0,
  failures: 0,
  droppedSlots: 0,
};
