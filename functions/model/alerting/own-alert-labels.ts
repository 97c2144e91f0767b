import type { AlertLabels } from "./alert.ts";

/**
 * Labels of the alert that always fires. Prometheus raises it with the same ones, so that an Alertmanager that both sides
 * feed has one. It has no `pager`: each side shows with it that its own way to people works.
 */
export const WATCHDOG: AlertLabels = { alertname: "Watchdog", severity: "info" };

/** Labels of the alert that a shard does not report, on both sides, but for `shard`. */
export const PROBER_STALE: AlertLabels = { alertname: "ZakoProberStale", severity: "critical", pager: "edge" };
