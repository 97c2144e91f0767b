import { type Uptime, uptimeOf } from "../../evaluate/verdict/uptime.ts";
import type { Span } from "../../lib/time-spans.ts";
import { DAY_MS } from "../../lib/time-units.ts";
import type { Incident } from "../../model/alerting/incident.ts";
import { matches } from "../../model/alerting/matches.ts";
import { silenceEnd } from "../../notify/policy/silence-state.ts";
import type { ListedSilence } from "./alerting-port.ts";

/** Incidents and silences are kept for so long, so that is how far uptime can look back. */
const UPTIME_MS = 30 * DAY_MS;

/** Uptime of a target over the last 30 days. `incidents` are those of all targets, unknown times among them. */
export function targetUptime(
  target: string,
  watchedSince: number,
  { incidents, silences, now }: { incidents: readonly Incident[]; silences: readonly ListedSilence[]; now: number },
): Uptime {
  const spans = (state: Incident["state"]): Span[] =>
    incidents
      .filter((one) => one.target === target && one.state === state)
      .map(({ openedAt, closedAt }) => ({ from: openedAt, to: closedAt ?? now }));
  return uptimeOf({
    span: { from: now - UPTIME_MS, to: now },
    watchedSince,
    down: spans("down"),
    unknown: spans("unknown"),
    planned: silences
      .filter((silence) => silence.maintenance && isAbout(silence, target))
      .map((silence) => ({ from: silence.startsAt, to: Math.min(silenceEnd(silence), now) })),
  });
}

/** A maintenance silence of a target names it; its other matchers narrow what is muted, not the maintenance time. */
const isAbout = ({ matchers, expiredReason }: ListedSilence, target: string): boolean => {
  if (expiredReason !== undefined) return false;
  const named = matchers.filter(({ name }) => name === "target");
  return named.length > 0 && named.every((matcher) => matches(matcher, { target }));
};
