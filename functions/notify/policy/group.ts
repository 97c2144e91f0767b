import { type Alert, type AlertLabels, severityOf } from "../../model/alerting/alert.ts";
import type { Shared } from "../../model/alerting/message.ts";
import { printMatchers } from "../../model/alerting/parse-matchers.ts";
import type { Route } from "../../model/alerting/route.ts";

/** Alerts that are told together. */
export interface Group {
  /** As Alertmanager writes it: the route's key, a colon, the group's labels; then the class where it is not critical. */
  key: string;
  labels: AlertLabels;
  /** Present where it is about several targets with one cause. */
  shared?: Shared;
}

/** Label of alerts that are made for practice; a drill is never told together with what is real. */
export const DRILL_LABEL = "drill";

/**
 * The group of an alert on a route. A label that the alert does not have is left out. What is critical is never told
 * together with what is not: the outage is one story, and what lasts beyond it is another.
 */
export function groupOf(route: Route, alert: Pick<Alert, "fingerprint" | "labels">): Group {
  const isAlone = route.groupBy.includes("...");
  const names = isAlone
    ? Object.keys(alert.labels)
    : [...route.groupBy, DRILL_LABEL].filter((name) => Object.hasOwn(alert.labels, name));
  const labels = Object.fromEntries([...new Set(names)].sort().map((name) => [name, alert.labels[name] as string]));
  return { key: `${route.key}:${printLabels(labels)}${classOf(alert)}`, labels };
}

/** The group that takes all alerts of a route and class when there are too many groups to tell one by one. */
export const overflowGroup = (route: Route, alert: Pick<Alert, "labels">): Group => ({
  key: `${route.key}:{}${classOf(alert)}`,
  labels: {},
});

/** The group of several targets that are down for one cause. */
export function causeGroup(shared: Shared, front: string | undefined): Group {
  const labels = { cause: shared.cause, ...(shared.region === undefined ? {} : { region: shared.region }) };
  return { key: `cause:${printLabels({ ...labels, ...(front === undefined ? {} : { front }) })}`, labels, shared };
}

const classOf = ({ labels }: Pick<Alert, "labels">): string => (severityOf(labels) === "critical" ? "" : ":warning");

const printLabels = (labels: AlertLabels): string =>
  printMatchers(Object.entries(labels).map(([name, value]) => ({ name, op: "=", value })));
