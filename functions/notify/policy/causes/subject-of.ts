import { alertKey, type KnownAlert } from "../../../model/alerting/alerter-state.ts";

/** What an alert is about: its target, or itself where it has none. */
export const subjectOf = (alert: KnownAlert): string => alert.labels["target"] ?? alertKey(alert);
