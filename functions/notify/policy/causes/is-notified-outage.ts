import type { GroupCase } from "../group-case.ts";
import { subjectOf } from "./subject-of.ts";

/**
 * Whether a critical alert is part of an outage that the endpoint has already been notified of: the same target is down, or
 * fails by the same class of reason. It is named with the group's next message and makes none of its own. An outage that is
 * acknowledged covers nothing new.
 */
export function isNotifiedOutage({ alert, via }: GroupCase["fresh"][number], still: GroupCase["still"]): boolean {
  const { outage } = alert;
  if (outage === undefined || via !== "route") return false;
  return still.some(
    ({ alert: known, entry }) =>
      entry.acknowledged !== true &&
      known.outage !== undefined &&
      subjectOf(known) === subjectOf(alert) &&
      (known.labels["probe"] === undefined || known.outage.cause === outage.cause),
  );
}
