import { severityOf } from "../../model/alerting/alert.ts";
import type { RecordedIncident } from "../../store/history/history-replay.ts";
import type { ReplayedAlert } from "./alert-log.ts";

/** An alert of the new configuration beside those that the present one raised of the same thing meanwhile. */
export interface Compared {
  alert: ReplayedAlert;
  /** Those that overlap it in time, by their beginning; none: only the new configuration would have raised it. */
  counterparts: ReplayedAlert[];
}

/** How far the new rules would have told of an incident that was recorded. */
export interface IncidentCover {
  incident: RecordedIncident;
  /** `paged`: an alert that pages fired meanwhile. `warned`: only others did. `missed`: none. */
  cover: "paged" | "warned" | "missed";
  /** The first alert that covers it best. */
  by?: ReplayedAlert;
}

/** What the new configuration comes to against the present one. */
export interface Comparison {
  /** All alerts of the new one. */
  next: Compared[];
  /** Alerts of the present one that the new one has no counterpart of. */
  missed: ReplayedAlert[];
  incidents: IncidentCover[];
}

/** Two alerts of the same thing, whatever its severity has become and whoever pages for it. */
const identityOf = ({ labels }: ReplayedAlert): string => {
  const named = Object.entries(labels).filter(([name]) => name !== "severity" && name !== "pager");
  return JSON.stringify(named.sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** Whether two alerts fired at one time; one that begins where the other ends is the next. */
const coincide = (a: ReplayedAlert, b: ReplayedAlert): boolean =>
  a.firedAt === b.firedAt || (a.firedAt < endOf(b) && b.firedAt < endOf(a));

const endOf = ({ resolvedAt = Number.POSITIVE_INFINITY }: ReplayedAlert): number => resolvedAt;

const overlaps = (a: ReplayedAlert, from: number, to: number | undefined): boolean =>
  a.firedAt <= (to ?? Number.POSITIVE_INFINITY) && endOf(a) >= from;

/** Whether an alert calls somebody, rather than wait for them to look. */
export const pages = ({ labels }: ReplayedAlert): boolean => severityOf(labels) === "critical";

/** Holds the alerts of two configurations against each other, and those of the new one against what was recorded. */
export function compare(
  next: readonly ReplayedAlert[],
  present: readonly ReplayedAlert[],
  incidents: readonly RecordedIncident[],
): Comparison {
  const nextOf = Map.groupBy(next, identityOf);
  const presentOf = Map.groupBy(present, identityOf);
  const counterparts = (alert: ReplayedAlert, among: Map<string, ReplayedAlert[]>): ReplayedAlert[] =>
    (among.get(identityOf(alert)) ?? []).filter((other) => coincide(other, alert));
  return {
    next: next.map((alert) => ({ alert, counterparts: counterparts(alert, presentOf) })),
    missed: present.filter((alert) => counterparts(alert, nextOf).length === 0),
    incidents: incidents.map((incident) => coverOf(incident, next)),
  };
}

function coverOf(incident: RecordedIncident, next: readonly ReplayedAlert[]): IncidentCover {
  const meanwhile = next.filter(
    (alert) => alert.labels["target"] === incident.target && overlaps(alert, incident.openedAt, incident.closedAt),
  );
  const paging = meanwhile.find(pages);
  if (paging !== undefined) return { incident, cover: "paged", by: paging };
  const [first] = meanwhile;
  return first === undefined ? { incident, cover: "missed" } : { incident, cover: "warned", by: first };
}
