import { severityOf } from "../../model/alerting/alert.ts";
import type { KnownAlert } from "../../model/alerting/alerter-state.ts";
import { matchesAll } from "../../model/alerting/matches.ts";
import type { NotifyPolicy, Route } from "../../model/alerting/route.ts";
import type { Silence } from "../../model/alerting/silence.ts";
import { type FindInhibitor, findInhibitors } from "./inhibit.ts";
import { silenceEnd, silenceState } from "./silence-state.ts";
import { holds } from "./time-interval.ts";

/** Why nobody is told of an alert for now. */
export interface Mute {
  by: "silence" | "inhibition" | "severity window" | "route window";
  /** The silence's id, the muting alert's name, the interval's name. */
  name: string;
  /** When to look again, epoch ms; absent where only a change can end it. */
  until?: number;
}

const MINUTE_MS = 60_000;

/** Answers what mutes an alert on a route; without a route, what mutes it everywhere. */
export type FindMute = (alert: KnownAlert, route?: Route) => Mute | undefined;

/** Prepares silences, intervals and inhibitions for alerts at `now` (epoch ms). */
export function findMutes(
  policy: NotifyPolicy,
  silences: Iterable<Silence>,
  alerts: Iterable<KnownAlert>,
  now: number,
): FindMute {
  const active = [...silences].filter((silence) => silenceState(silence, now) === "active");
  const inhibitorOf: FindInhibitor = findInhibitors(policy.inhibitions, alerts, now);
  const holding = new Set(policy.intervals.filter((interval) => holds(interval, now)).map(({ name }) => name));
  // Bounds of intervals fall on full minutes in every zone.
  const nextMinute = (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS;

  const everywhere = (alert: KnownAlert): Mute | undefined => {
    const silence = active.find(({ matchers }) => matchesAll(matchers, alert.labels));
    if (silence !== undefined) return { by: "silence", name: silence.id, until: silenceEnd(silence) };
    const inhibitor = inhibitorOf(alert);
    if (inhibitor !== undefined) {
      const { alertname: name, until } = inhibitor;
      return { by: "inhibition", name, ...(until === undefined ? {} : { until }) };
    }
    const name = policy.severities[severityOf(alert.labels)].muteIntervals.find((one) => holding.has(one));
    return name === undefined ? undefined : { by: "severity window", name, until: nextMinute };
  };

  return (alert, route) => {
    const mute = everywhere(alert);
    if (mute !== undefined || route === undefined) return mute;
    const name = route.muteIntervals.find((one) => holding.has(one));
    return name === undefined ? undefined : { by: "route window", name, until: nextMinute };
  };
}
