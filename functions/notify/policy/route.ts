import type { AlertLabels } from "../../model/alerting/alert.ts";
import { matchesAll } from "../../model/alerting/matches.ts";
import type { Route } from "../../model/alerting/route.ts";

/**
 * The routes that an alert takes: from the root down into the first child that matches, and on to its next sibling only
 * where the child says `continue`. A node whose children all decline takes the alert itself, so there is always one.
 */
export function takeRoutes(root: Route, labels: AlertLabels): readonly Route[] {
  const taken: Route[] = [];
  for (const child of root.routes) {
    if (!matchesAll(child.matchers, labels)) continue;
    taken.push(...takeRoutes(child, labels));
    if (!child.continue) break;
  }
  return taken.length > 0 ? taken : [root];
}
