import type { Alert, AlertLabels } from "../model/alerting/alert.ts";
import { ALERTER_SHARD } from "../model/alerting/alerter-state.ts";
import { fingerprint } from "../model/alerting/fingerprint.ts";
import { matchesAll } from "../model/alerting/matches.ts";
import type { Route } from "../model/alerting/route.ts";
import { DRILL_LABEL } from "../notify/policy/group.ts";
import type { AlerterHead } from "../store/alerter/alerter-head.ts";
import type { AlerterConfig } from "./alerter-ports.ts";
import { endAlert, takeAlert } from "./intake.ts";

/** A shard is stale only when the Alerter itself was awake so often meanwhile: a clock that jumps is no silence. */
const MISSED_WAKES = 3;
/** A drill ends by itself after this. */
const DRILL_MS = 300_000;

const WATCHDOG: AlertLabels = { alertname: "Watchdog", severity: "info" };

/** Begins and ends the alerts that are the Alerter's own. Memory only. */
export function raiseOwnAlerts(head: AlerterHead, config: AlerterConfig, now: number): void {
  for (const [shard, { lastSeenAt, missedWakes }] of head.shards.all) {
    const isStale = now - lastSeenAt >= config.staleAfterMs && missedWakes >= MISSED_WAKES;
    set(head, isStale, staleAlert(shard, lastSeenAt, now), now);
  }
  // A shard that the configuration has no more is no longer missed.
  for (const alert of firingOwn(head, "ZakoProberStale"))
    if (!head.shards.all.has(alert.labels["shard"] ?? "")) endAlert(head, alert, "removed", now);
  set(head, asksFor(config.policy.route, WATCHDOG), watchdogAlert(now), now);
  for (const alert of [...head.alerts.all.values()])
    if (alert.labels[DRILL_LABEL] !== undefined && alert.resolvedAt === undefined && now >= alert.startsAt + DRILL_MS)
      endAlert(head, alert, "recovered", now);
}

/** Begins a drill: an alert with these labels, marked as one. Memory only; answers its fingerprint. */
export function beginDrill(
  head: AlerterHead,
  labels: AlertLabels,
  { id, by }: { id: string; by: string },
  now: number,
): Alert {
  const marked = { alertname: "ZakoDrill", severity: "info", ...labels, [DRILL_LABEL]: id };
  const annotations = {
    summary: "This is a drill; nothing is wrong.",
    description: `${by} tests the way of alerts from the Alerter to you. It ends by itself after 5 minutes.`,
  };
  const alert = { fingerprint: fingerprint(marked), labels: marked, annotations, startsAt: now };
  takeAlert(head, alert, ALERTER_SHARD, now);
  return alert;
}

/** Whether a route names the alert: one that takes all there is does not ask for what always fires. */
const asksFor = (route: Route, labels: AlertLabels): boolean =>
  route.routes.some(
    (inner) =>
      matchesAll(inner.matchers, labels) &&
      (inner.matchers.some(({ name }) => name === "alertname") || asksFor(inner, labels)),
  );

function set(head: AlerterHead, fires: boolean, alert: Alert, now: number): void {
  const known = head.newestOf(alert.fingerprint);
  const isFiring = known !== undefined && known.resolvedAt === undefined;
  if (fires && !isFiring) takeAlert(head, alert, ALERTER_SHARD, now);
  else if (!fires && isFiring) endAlert(head, known, "recovered", now);
}

const firingOwn = (head: AlerterHead, name: string): Alert[] =>
  [...head.alerts.all.values()].filter(
    ({ shard, labels, resolvedAt }) =>
      shard === ALERTER_SHARD && resolvedAt === undefined && labels["alertname"] === name,
  );

function staleAlert(shard: string, lastSeenAt: number, now: number): Alert {
  const labels = { alertname: "ZakoProberStale", severity: "critical", shard };
  return {
    fingerprint: fingerprint(labels),
    labels,
    annotations: {
      summary: "A part of the prober has stopped reporting.",
      description: `Shard ${shard} was last heard of at ${new Date(lastSeenAt).toISOString()}. Its targets are not watched; alerts of its that were firing go on.`,
      runbook: "prober-stale",
    },
    startsAt: now,
  };
}

const watchdogAlert = (now: number): Alert => ({
  fingerprint: fingerprint(WATCHDOG),
  labels: WATCHDOG,
  annotations: {
    summary: "This alert always fires.",
    description: "It shows that alerts get through. Worry when it stops coming.",
  },
  startsAt: now,
});
