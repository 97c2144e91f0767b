import { severityOf } from "../../model/alerting/alert.ts";
import { endedAt, type KnownAlert } from "../../model/alerting/alerter-state.ts";
import { matchesAll } from "../../model/alerting/matches.ts";
import type { Inhibition } from "../../model/alerting/route.ts";
import { DRILL_LABEL } from "./group.ts";

/**
 * Alerts stay inhibited for so long after their source has resolved: a latency alert that still looks back at the outage
 * is not news. Alerts that began after the end are not; critical ones only where their inhibition says so.
 */
const LINGER_MS = 300_000;

/** An alert that mutes another. */
interface Inhibitor {
  alertname: string;
  /** When it stops muting, where that is known, epoch ms. */
  until?: number;
}

/** Answers which alert mutes a given one, if any. */
export type FindInhibitor = (alert: KnownAlert) => Inhibitor | undefined;

interface Source {
  alert: KnownAlert;
  /** It matches the target side too, so alerts that do so as well are not muted by it. */
  isTarget: boolean;
}

/** Prepares the inhibitions for alerts at `now` (epoch ms); costs one pass over the alerts. */
export function findInhibitors(
  inhibitions: readonly Inhibition[],
  alerts: Iterable<KnownAlert>,
  now: number,
): FindInhibitor {
  const live = [...alerts].filter(
    (alert) =>
      alert.labels[DRILL_LABEL] === undefined &&
      now < (endedAt(alert) ?? Number.POSITIVE_INFINITY) + longestLinger(inhibitions),
  );
  const indexed = inhibitions.map((inhibition) => {
    const sources = new Map<string, Source[]>();
    for (const alert of live) {
      if (now >= (endedAt(alert) ?? Number.POSITIVE_INFINITY) + lingerOf(inhibition)) continue;
      if (!matchesAll(inhibition.source, alert.labels)) continue;
      const key = equalKey(inhibition, alert);
      const source = { alert, isTarget: matchesAll(inhibition.target, alert.labels) };
      const group = sources.get(key);
      if (group === undefined) sources.set(key, [source]);
      else group.push(source);
    }
    return { inhibition, sources };
  });
  return (alert) => {
    for (const { inhibition, sources } of indexed) {
      if (sources.size === 0 || !matchesAll(inhibition.target, alert.labels)) continue;
      const isSource = matchesAll(inhibition.source, alert.labels);
      const found = (sources.get(equalKey(inhibition, alert)) ?? []).find(
        (source) => !(isSource && source.isTarget) && mutes(source.alert, alert, inhibition),
      );
      if (found !== undefined) return inhibitor(found.alert, inhibition);
    }
    return undefined;
  };
}

function mutes(source: KnownAlert, target: KnownAlert, { lingerMs }: Inhibition): boolean {
  const sourceEndedAt = endedAt(source);
  if (sourceEndedAt === undefined) return true;
  const lingers = lingerMs !== undefined || severityOf(target.labels) !== "critical";
  return lingers && target.startsAt < sourceEndedAt;
}

function inhibitor(alert: KnownAlert, inhibition: Inhibition): Inhibitor {
  const until = endedAt(alert);
  return {
    alertname: alert.labels["alertname"] ?? "",
    ...(until === undefined ? {} : { until: until + lingerOf(inhibition) }),
  };
}

const lingerOf = ({ lingerMs }: Inhibition): number => lingerMs ?? LINGER_MS;

/** How long an alert that has ended can mute others, ms. */
export const longestLinger = (inhibitions: readonly Inhibition[]): number =>
  inhibitions.reduce((longest, one) => Math.max(longest, lingerOf(one)), LINGER_MS);

const equalKey = ({ equal }: Inhibition, { labels }: KnownAlert): string =>
  equal.map((name) => JSON.stringify(labels[name] ?? "")).join();
