import type { Alert, AlertLabels } from "../../model/alerting/alert.ts";
import { printMatchers } from "../../model/alerting/parse-matchers.ts";
import type { Route } from "../../model/alerting/route.ts";

/** Alerts that share a message. */
export interface Group {
  /** As Alertmanager writes it: the route's key, a colon, the group's labels. */
  key: string;
  labels: AlertLabels;
}

/** Label of drills; a drill never shares a message with a real alert. */
export const DRILL_LABEL = "drill";

/** The group of an alert on a route. A label that the alert does not have is left out. */
export function groupOf(route: Route, alert: Pick<Alert, "fingerprint" | "labels">): Group {
  const isAlone = route.groupBy.includes("...");
  const names = isAlone
    ? Object.keys(alert.labels)
    : [...route.groupBy, DRILL_LABEL].filter((name) => Object.hasOwn(alert.labels, name));
  const labels = Object.fromEntries([...new Set(names)].sort().map((name) => [name, alert.labels[name] as string]));
  return { key: `${route.key}:${printLabels(labels)}`, labels };
}

/** The group that takes all alerts of a route when there are too many groups for a message each. */
export const overflowGroup = (route: Route): Group => ({ key: `${route.key}:{}`, labels: {} });

const printLabels = (labels: AlertLabels): string =>
  printMatchers(Object.entries(labels).map(([name, value]) => ({ name, op: "=", value })));
