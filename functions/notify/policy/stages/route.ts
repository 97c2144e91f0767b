import { severityOf } from "../../../model/alerting/alert.ts";
import { alertKey, type KnownAlert } from "../../../model/alerting/alerter-state.ts";
import { takeRoutes } from "../route.ts";
import type { Notice, Stage } from "../stage.ts";

/** Which receivers the routing tree and the escalation steps name for each firing alert; none is suppressed here. */
export const route: Stage<KnownAlert, Notice> = (alerts, { policy }) => {
  const passed: Notice[] = [];
  for (const alert of alerts) {
    const key = alertKey(alert);
    const routes = takeRoutes(policy.route, alert.labels);
    for (const one of routes)
      passed.push({ key, alert, receiver: one.receiver, route: one, via: "route", routes: [one] });
    const [first = policy.route] = routes;
    for (const step of policy.severities[severityOf(alert.labels)].escalation)
      passed.push({ key, alert, receiver: step.receiver, route: first, via: "step", routes, step });
  }
  return { passed, suppressed: [] };
};
