import { severityOf } from "../../../model/alerting/alert.ts";
import type { NotifyPolicy } from "../../../model/alerting/route.ts";
import { holdWhere, type Notice, type Stage } from "../stage.ts";
import { formatMute } from "../suppression.ts";
import { holds } from "../time-interval.ts";

const MINUTE_MS = 60_000;

/** Holds what falls into a mute window of its severity, or of every route that it takes. */
export const mute: Stage<Notice> = (notices, { policy, ledgers, now }) => {
  // Bounds of intervals fall on full minutes in every zone.
  const until = (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS;
  // A message that is being delivered is judged again when a window begins.
  const isDelivering = policy.intervals.length > 0 && [...ledgers.values()].some(({ queued }) => queued.length > 0);
  const nextAt = isDelivering ? until : Number.POSITIVE_INFINITY;
  const holding = holdingAt(policy, now);
  if (holding.size === 0) return { passed: notices, suppressed: [], nextAt };
  const muted = holdWhere(notices, ({ alert, routes, step }) => {
    if (step?.unless.includes("silenced") === false) return undefined;
    const ofSeverity = policy.severities[severityOf(alert.labels)].muteIntervals.find((name) => holding.has(name));
    if (ofSeverity !== undefined) return formatMute({ by: "severity window", name: ofSeverity, until });
    // What keeps one route quiet does not hold a step where another one notifies.
    const names = routes.map(({ muteIntervals }) => muteIntervals.find((name) => holding.has(name)));
    const [first] = names;
    if (first === undefined || names.includes(undefined)) return undefined;
    return formatMute({ by: "route window", name: first, until });
  });
  return { ...muted, nextAt };
};

const holdingAt = ({ intervals }: NotifyPolicy, now: number): ReadonlySet<string> =>
  new Set(intervals.filter((interval) => holds(interval, now)).map(({ name }) => name));
