import type { Target } from "../../model/probing/target.ts";
import type { Announcement, StatusPageConfig } from "../../model/status-page.ts";
import { type Issue, show } from "../issue.ts";
import { suggestion } from "../suggest.ts";
import type { ReadStatusPage } from "./status-section.ts";

/** Compiles the `status_page` section; what is wrong with it is added to the issues, and a label of no target to the doubts. */
export function compileStatusPage(
  { title, group_by: groupBy, announcements = [] }: ReadStatusPage,
  targets: readonly Pick<Target, "labels">[],
  issues: Issue[],
  doubts: Issue[],
): StatusPageConfig {
  const labels = [...new Set(targets.flatMap((one) => Object.keys(one.labels)))];
  if (groupBy !== undefined && targets.length > 0 && !labels.includes(groupBy)) {
    const path = ["status_page", "group_by"];
    doubts.push({ path, message: `${show(groupBy, path)} is not a label of a target${suggestion(groupBy, labels)}` });
  }
  return {
    ...(title === undefined ? {} : { title }),
    ...(groupBy === undefined ? {} : { groupBy }),
    announcements: announcements.flatMap((one, index): Announcement[] => {
      if (one?.title === undefined || one.text === undefined) return [];
      const { starts_at: startsAt, ends_at: endsAt } = one;
      if (startsAt !== undefined && endsAt !== undefined && startsAt >= endsAt)
        issues.push({
          path: ["status_page", "announcements", index, "ends_at"],
          message: "is not after `starts_at`, so the announcement would never be shown; correct one of them",
        });
      return [
        {
          title: one.title,
          text: one.text,
          ...(startsAt === undefined ? {} : { startsAt }),
          ...(endsAt === undefined ? {} : { endsAt }),
        },
      ];
    }),
  };
}
