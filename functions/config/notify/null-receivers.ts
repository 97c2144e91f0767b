import { type AlertLabels, SEVERITIES, severityOf } from "../../model/alerting/alert.ts";
import type { NotifyPolicy, Route } from "../../model/alerting/route.ts";
import { takeRoutes } from "../../notify/policy/route.ts";
import { type Issue, type Path, show } from "../issue.ts";

/**
 * Adds a doubt where critical alerts end at a `null` receiver only because no route matches them, and an issue where an escalation
 * step names one. `nulls`: names of such receivers. `alerts`: labels of the alerts there can be. `defaultPath`: where the default receiver is named.
 */
export function checkNullReceivers(
  { route, severities }: Pick<NotifyPolicy, "route" | "severities">,
  nulls: ReadonlySet<string>,
  alerts: () => readonly AlertLabels[],
  { isAllowed, defaultPath }: { isAllowed: boolean; defaultPath: Path },
  { issues, doubts }: { issues: Issue[]; doubts: Issue[] },
): void {
  if (nulls.has(route.receiver) && !isAllowed) {
    const lost = alerts().find((labels) => severityOf(labels) === "critical" && isLost(labels, route, nulls));
    if (lost !== undefined)
      doubts.push({
        path: defaultPath,
        message: `${show(route.receiver, [])} is \`null\`, so critical alerts such as ${nameOf(lost)} notify nobody; name a receiver with a channel, add a route with match: severity="critical", or set \`notify.allow_null_default: true\``,
      });
  }
  for (const severity of SEVERITIES)
    for (const [i, { receiver }] of severities[severity].escalation.entries())
      if (nulls.has(receiver))
        issues.push({
          path: ["notify", "severities", severity, "escalation", i, "receiver"],
          message: `${show(receiver, [])} is \`null\`, so this step notifies nobody; name a receiver with a channel, or remove the step`,
        });
}

/** Whether no route sends the alert to a channel, nor to a `null` receiver other than the default one. */
const isLost = (labels: AlertLabels, route: Route, nulls: ReadonlySet<string>): boolean => {
  const taken = takeRoutes(route, labels).map(({ receiver }) => receiver);
  return taken.includes(route.receiver) && taken.every((receiver) => nulls.has(receiver));
};

const nameOf = ({ alertname = "", target }: AlertLabels): string =>
  target === undefined ? alertname : `${alertname} of ${target}`;
