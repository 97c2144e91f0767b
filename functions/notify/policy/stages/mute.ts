import { severityOf } from "../../../model/alerting/alert.ts";
import type { NotifyPolicy, Route, TimeInterval } from "../../../model/alerting/route.ts";
import { holdWhere, type Notice, type Stage } from "../stage.ts";
import { formatMute, type Mute } from "../suppression.ts";
import { holds, nextChange } from "../windows/time-interval.ts";

/**
 * Holds what falls into a mute window of its severity; and what falls into a mute window of every route that it takes, or
 * outside their active intervals.
 */
export const mute: Stage<Notice> = (notices, { policy, ledgers, now }) => {
  if (policy.intervals.length === 0) return { passed: notices, suppressed: [] };
  const mutesOf = activeMutes(policy, now);
  // A message that is being delivered is judged again when a window begins.
  const isDelivering = [...ledgers.values()].some(({ queued }) => queued.length > 0);
  const { until: nextAt = Number.POSITIVE_INFINITY } = isDelivering ? untilOf(policy.intervals, now) : {};
  const muted = holdWhere(notices, ({ alert, routes, step }) => {
    if (step?.unless.includes("silenced") === false) return undefined;
    const ofSeverity = mutesOf.window(policy.severities[severityOf(alert.labels)].muteIntervals);
    if (ofSeverity !== undefined) return formatMute({ by: "severity window", ...ofSeverity });
    // What keeps one route quiet does not hold a step where another one notifies.
    const mutes = routes.map(mutesOf.route);
    const [first] = mutes;
    return first === undefined || mutes.includes(undefined) ? undefined : formatMute(first);
  });
  return { ...muted, nextAt };
};

/** What keeps quiet at `now` (epoch ms). */
function activeMutes({ intervals }: NotifyPolicy, now: number) {
  const known = new Map(intervals.map((interval) => [interval.name, interval]));
  const holding = new Set(intervals.filter((interval) => holds(interval, now)).map(({ name }) => name));
  /** The first of the windows that holds, and when it ends. */
  const window = (names: readonly string[]): Pick<Mute, "name" | "until"> | undefined => {
    const name = names.find((one) => holding.has(one));
    return name === undefined ? undefined : { name, ...untilOf([known.get(name)], now) };
  };
  const route = ({ muteIntervals, activeIntervals }: Route): Mute | undefined => {
    const muted = window(muteIntervals);
    if (muted !== undefined) return { by: "route window", ...muted };
    const active = activeIntervals.filter((name) => known.has(name));
    if (active.length === 0 || active.some((name) => holding.has(name))) return undefined;
    const all = active.map((name) => known.get(name));
    return { by: "active interval", name: active.join(", "), ...untilOf(all, now) };
  };
  return { window, route };
}

/** When the first of the intervals changes; nothing where none does. */
function untilOf(intervals: readonly (TimeInterval | undefined)[], now: number): { until?: number } {
  const changes = intervals.flatMap((one) => (one === undefined ? [] : (nextChange(one, now) ?? [])));
  return changes.length === 0 ? {} : { until: Math.min(...changes) };
}
