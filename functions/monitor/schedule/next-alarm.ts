import type { MonitorPorts } from "../monitor-ports.ts";
import type { MonitorState } from "../monitor-state.ts";
import { nextRechecks } from "./next-rechecks.ts";
import { confirmable } from "./schedule-tasks.ts";
import type { SlotClock } from "./slot-clock.ts";

type Ports = Pick<MonitorPorts, "config" | "kinds" | "now">;
type State = Pick<MonitorState, "head" | "failing">;

/** When the alarm has something to do, epoch ms: confirmations at once, then what comes first of rechecks and the next slot. */
export function nextAlarm(ports: Ports, state: State, clock: SlotClock): number {
  const now = ports.now();
  if (hasConfirmations(ports, state, now)) return now;
  const slotAt = clock.nextAlarm(now, state.head.meta.lastSlot);
  return Math.min(slotAt, nextRechecks(ports, state).at ?? slotAt);
}

/** No slot before this (epoch ms) will get samples any more, confirmations and rechecks included. */
export function settledBefore(ports: Ports, state: State): number {
  const { lastSlot } = state.head.meta;
  const isOpen = hasConfirmations(ports, state, ports.now()) || nextRechecks(ports, state).at !== undefined;
  return isOpen ? lastSlot : lastSlot + 1;
}

const hasConfirmations = ({ config }: Ports, { head }: State, now: number): boolean =>
  confirmable(head.meta, config.gridMs, now) !== undefined;
