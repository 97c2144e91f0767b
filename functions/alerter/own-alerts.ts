import { spellTime } from "../lib/spell-time.ts";
import type { Alert, AlertLabels } from "../model/alerting/alert.ts";
import { ALERTER_SHARD } from "../model/alerting/alerter-state.ts";
import { fingerprint } from "../model/alerting/fingerprint.ts";
import { matchesAll } from "../model/alerting/matches.ts";
import { PROBER_STALE, WATCHDOG } from "../model/alerting/own-alert-labels.ts";
import type { Route } from "../model/alerting/route.ts";
import { DRILL_LABEL } from "../notify/policy/group.ts";
import type { AlerterHead } from "../store/alerter/alerter-head.ts";
import type { AlerterConfig } from "./alerter-ports.ts";
import { endAlert, takeAlert } from "./intake.ts";

/** A shard is stale only when the Alerter itself was awake so often meanwhile: a clock that jumps is no silence. */
const MISSED_WAKES = 3;
/** A drill ends by itself after this. */
const DRILL_MS = 300_000;

/** Starts and resolves the Alerter's own alerts. Changes memory only. */
export function raiseOwnAlerts(head: AlerterHead, config: AlerterConfig, now: number): void {
  for (const [shard, { lastSeenAt, missedWakes }] of head.shards.all) {
    const isStale = now - lastSeenAt >= config.staleAfterMs && missedWakes >= MISSED_WAKES;
    set(head, isStale, staleFingerprint(shard), () => staleAlert(shard, lastSeenAt, now), now);
  }
  // A shard that was removed from the configuration is no longer expected to report.
  for (const alert of firingOwn(head, "ZakoProberStale"))
    if (!head.shards.all.has(alert.labels["shard"] ?? "")) endAlert(head, alert, "removed", now);
  set(head, asksFor(config.policy.route, WATCHDOG), WATCHDOG_FINGERPRINT, () => watchdogAlert(now), now);
  for (const alert of [...head.alerts.all.values()])
    if (alert.labels[DRILL_LABEL] !== undefined && alert.resolvedAt === undefined && now >= alert.startsAt + DRILL_MS)
      endAlert(head, alert, "recovered", now);
}

/** Starts a drill: a firing alert with these labels, marked as a drill. Changes memory only. */
export function beginDrill(
  head: AlerterHead,
  labels: AlertLabels,
  { id, by }: { id: string; by: string },
  now: number,
): Alert {
  const marked = { alertname: "ZakoDrill", severity: "info", ...labels, [DRILL_LABEL]: id };
  const annotations = {
    summary: "This is a drill. Nothing is wrong.",
    description: `${by} started this drill to test notifications from the Alerter to you. It resolves by itself after 5 minutes.`,
  };
  const alert = { fingerprint: fingerprint(marked), labels: marked, annotations, startsAt: now };
  takeAlert(head, alert, ALERTER_SHARD, now);
  return alert;
}

/** Whether a route matches the alert by name: a catch-all route must not receive an alert that is always firing. */
const asksFor = (route: Route, labels: AlertLabels): boolean =>
  route.routes.some(
    (inner) =>
      matchesAll(inner.matchers, labels) &&
      (inner.matchers.some(({ name }) => name === "alertname") || asksFor(inner, labels)),
  );

/** This runs at every decision: what an alert says is only worked out where it begins. */
function set(head: AlerterHead, fires: boolean, name: string, alert: () => Alert, now: number): void {
  const known = head.newestOf(name);
  const isFiring = known !== undefined && known.resolvedAt === undefined;
  if (fires && !isFiring) takeAlert(head, alert(), ALERTER_SHARD, now);
  else if (!fires && isFiring) endAlert(head, known, "recovered", now);
}

const firingOwn = (head: AlerterHead, name: string): Alert[] =>
  [...head.alerts.all.values()].filter(
    ({ shard, labels, resolvedAt }) =>
      shard === ALERTER_SHARD && resolvedAt === undefined && labels["alertname"] === name,
  );

const staleLabels = (shard: string): AlertLabels => ({ ...PROBER_STALE, shard });

/** By shard. */
const staleFingerprints = new Map<string, string>();

function staleFingerprint(shard: string): string {
  const known = staleFingerprints.get(shard) ?? fingerprint(staleLabels(shard));
  staleFingerprints.set(shard, known);
  return known;
}

function staleAlert(shard: string, lastSeenAt: number, now: number): Alert {
  return {
    fingerprint: staleFingerprint(shard),
    labels: staleLabels(shard),
    annotations: {
      summary: `Shard ${shard} of the prober has stopped reporting.`,
      description: `Shard ${shard} has stopped reporting; last report ${spellTime(lastSeenAt)}. Its targets are not being probed. Its alerts keep their last state.`,
      runbook: "prober-stale",
    },
    startsAt: now,
  };
}

const WATCHDOG_FINGERPRINT = fingerprint(WATCHDOG);

const watchdogAlert = (now: number): Alert => ({
  fingerprint: WATCHDOG_FINGERPRINT,
  labels: WATCHDOG,
  annotations: {
    summary: "This alert is always firing.",
    description: "It shows that the notification path works. Investigate when it stops arriving.",
  },
  startsAt: now,
});
