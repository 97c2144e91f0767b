import type { GroupCase } from "../group-case.ts";
import { subjectOf } from "./subject-of.ts";

/**
 * The alerts that are news to an endpoint. What else fails of a target that it knows to be down is not: it is named with the
 * group's next message and makes none of its own. That a target is down is always news, whatever else was said of it, and an
 * outage that is acknowledged covers nothing new.
 */
export function newsOf({ fresh, still }: Pick<GroupCase, "fresh" | "still">): GroupCase["fresh"] {
  const isPart = ({ alert: { outage }, via }: GroupCase["fresh"][number]): boolean =>
    outage !== undefined && outage.down !== true && via === "route";
  if (!fresh.some(isPart)) return fresh;
  const down = new Set(
    still.flatMap(({ alert, entry }) =>
      alert.outage?.down === true && entry.confirmed && !entry.acknowledged ? [subjectOf(alert)] : [],
    ),
  );
  return fresh.filter((one) => !(isPart(one) && down.has(subjectOf(one.alert))));
}
