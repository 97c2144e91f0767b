import type { Config } from "../../model/config.ts";
import { takeRoutes } from "../../notify/policy/route.ts";
import type { ReplayedAlert } from "./alert-log.ts";

/** Who would be told of an alert at first, by the routes alone: without silences, mute times, inhibitions and escalation. */
export function notifiedOf({ labels }: ReplayedAlert, { notify }: Pick<Config, "notify">): string[] {
  if (labels["pager"] === "prometheus") return ["Prometheus"];
  if (notify === undefined) return [];
  // A receiver without an endpoint is how the default says that nobody is told.
  const known = new Set(notify.receivers.flatMap(({ name, endpoints }) => (endpoints.length > 0 ? [name] : [])));
  const routed = takeRoutes(notify.policy.route, labels).map(({ receiver }) => receiver);
  return [...new Set(routed)].filter((name) => known.has(name));
}
