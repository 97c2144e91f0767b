import type { GroupCase } from "../group-case.ts";
import { subjectOf } from "./subject-of.ts";

/**
 * Whether a critical alert is part of an outage that the endpoint has already been notified of: it says what
 * else fails of a target that was said to be down. It is named with the group's next message and makes none of its own. That
 * a target is down is always news, whatever else was said of it, and an outage that is acknowledged covers nothing new.
 */
export function isNotifiedOutage({ alert, via }: GroupCase["fresh"][number], still: GroupCase["still"]): boolean {
  const { outage } = alert;
  if (outage === undefined || outage.down === true || via !== "route") return false;
  return still.some(
    ({ alert: known, entry }) =>
      entry.acknowledged !== true && known.outage?.down === true && subjectOf(known) === subjectOf(alert),
  );
}
