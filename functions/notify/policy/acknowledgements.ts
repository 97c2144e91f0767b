import { severityOf } from "../../model/alerting/alert.ts";
import type { Acknowledgement, KnownAlert } from "../../model/alerting/alerter-state.ts";
import { DRILL_LABEL } from "./group.ts";
import type { Notice } from "./stage.ts";

/**
 * Keys of the alerts whose acknowledgement a newer critical alert of the same target ends: whoever took the old one on does
 * not know of it. `notices`: what nothing mutes.
 */
export function endedAcknowledgements(
  notices: readonly Pick<Notice, "key" | "alert" | "via">[],
  alerts: ReadonlyMap<string, KnownAlert>,
  acknowledgements: ReadonlyMap<string, Acknowledgement>,
): readonly string[] {
  if (acknowledgements.size === 0) return [];
  const newest = new Map<string, number>();
  for (const { alert, via } of notices) {
    const subject = subjectOf(alert);
    if (via !== "route" || subject === undefined || severityOf(alert.labels) !== "critical") continue;
    newest.set(subject, Math.max(newest.get(subject) ?? 0, alert.receivedAt));
  }
  return [...acknowledgements].flatMap(([key, { at }]) => {
    const alert = alerts.get(key);
    const subject = alert === undefined ? undefined : subjectOf(alert);
    return subject !== undefined && (newest.get(subject) ?? 0) > at ? [key] : [];
  });
}

const subjectOf = ({ labels }: KnownAlert): string | undefined =>
  labels["target"] === undefined ? undefined : JSON.stringify([labels["target"], labels[DRILL_LABEL] ?? ""]);
