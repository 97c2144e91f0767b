import { type Uptime, uptimeOf } from "../../evaluate/verdict/uptime.ts";
import type { Span } from "../../lib/time-spans.ts";
import { DAY_MS } from "../../lib/time-units.ts";
import type { Incident } from "../../model/alerting/incident.ts";
import { maintenanceLabels, type PlannedWork } from "../../model/alerting/maintenance.ts";
import { matches } from "../../model/alerting/matches.ts";
import { isAbout, maintenanceSpans } from "../../notify/policy/windows/maintenance.ts";
import { silenceEnd } from "../../notify/policy/windows/silence-state.ts";
import type { ListedSilence } from "./alerting-port.ts";

/** Incidents and silences are kept for so long, so that is how far uptime can look back. */
const UPTIME_MS = 30 * DAY_MS;

/** What uptime is counted from. */
export interface UptimeSources {
  /** Those of all targets, unknown times among them. */
  incidents: readonly Incident[];
  silences: readonly ListedSilence[];
  /** Maintenance of the configuration in force, for times before it too. */
  planned: PlannedWork;
  /** Epoch ms. */
  now: number;
}

/** Uptime of a target over the last 30 days. */
export function targetUptime(
  target: string,
  watchedSince: number,
  { incidents, silences, planned, now }: UptimeSources,
): Uptime {
  const span = { from: now - UPTIME_MS, to: now };
  const labels = maintenanceLabels(planned, target);
  const spans = (state: Incident["state"]): Span[] =>
    incidents
      .filter((one) => one.target === target && one.state === state)
      .map(({ openedAt, closedAt }) => ({ from: openedAt, to: closedAt ?? now }));
  return uptimeOf({
    span,
    watchedSince,
    down: spans("down"),
    unknown: spans("unknown"),
    planned: [
      ...silences
        .filter((silence) => isMaintenanceOf(silence, target))
        .map((silence) => ({ from: silence.startsAt, to: Math.min(silenceEnd(silence), now) })),
      ...planned.windows.filter((one) => isAbout(one, labels)).flatMap((one) => maintenanceSpans(one, span)),
    ],
  });
}

/** A maintenance silence of a target names it; its other matchers narrow what is muted, not the maintenance time. */
export const isMaintenanceOf = ({ maintenance, matchers, expiredReason }: ListedSilence, target: string): boolean => {
  if (!maintenance || expiredReason !== undefined) return false;
  const named = matchers.filter(({ name }) => name === "target");
  return named.length > 0 && named.every((matcher) => matches(matcher, { target }));
};
