import type { Span } from "../../../lib/time-spans.ts";
import type { AlertLabels } from "../../../model/alerting/alert.ts";
import type { Maintenance } from "../../../model/alerting/maintenance.ts";
import { matchesAll } from "../../../model/alerting/matches.ts";
import { holds, nextChange, spansOf } from "./time-interval.ts";

/** A maintenance that is under way. */
export interface ActiveMaintenance {
  name: string;
  /** When it ends, epoch ms; absent where that is more than a year away. */
  until?: number;
}

/**
 * The maintenance that a target is in at `at` (epoch ms), the one that lasts longest of several. `labels`: of the target,
 * or of an alert; what has no target is in none.
 */
export function activeMaintenance(
  windows: readonly Maintenance[],
  labels: AlertLabels,
  at: number,
): ActiveMaintenance | undefined {
  let longest: ActiveMaintenance | undefined;
  for (const one of windows) {
    if (!isDuring(one, at) || !isAbout(one, labels)) continue;
    const end = Math.min(
      nextChange(one.interval, at) ?? Number.POSITIVE_INFINITY,
      one.endsAt ?? Number.POSITIVE_INFINITY,
    );
    if (longest === undefined || end > (longest.until ?? Number.POSITIVE_INFINITY))
      longest = { name: one.name, ...(Number.isFinite(end) ? { until: end } : {}) };
  }
  return longest;
}

/** Whether the maintenance is about what has these labels. */
export const isAbout = ({ matchers }: Pick<Maintenance, "matchers">, labels: AlertLabels): boolean =>
  labels["target"] !== undefined && matchesAll(matchers, labels);

/** The parts of a stretch of time that the maintenance takes, in order. */
export function maintenanceSpans({ interval, startsAt, endsAt }: Maintenance, { from, to }: Span): Span[] {
  return spansOf(interval, { from: Math.max(from, startsAt ?? from), to: Math.min(to, endsAt ?? to) });
}

const isDuring = ({ interval, startsAt, endsAt }: Maintenance, at: number): boolean =>
  at >= (startsAt ?? at) && at < (endsAt ?? Number.POSITIVE_INFINITY) && holds(interval, at);
