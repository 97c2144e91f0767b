import { getOrInsert } from "../../../lib/get-or-insert.ts";
import { severityOf } from "../../../model/alerting/alert.ts";
import { notificationGroupKey } from "../../../model/alerting/alerter-state.ts";
import { overflowGroup } from "../group.ts";
import type { Due, DueDraft } from "../group-case.ts";
import type { DecideContext, Recipient, Stage } from "../stage.ts";

/**
 * So many new groups, or messages on their way, per endpoint at once; what comes on top is told as one group.
 *
 * @internal For tests of what comes on top.
 */
export const MAX_NEW_GROUPS = 20;

/** Where more groups are new than there is room for, those beyond it become one group per route and class. */
export const fold: Stage<DueDraft> = (drafts, context) => ({
  passed: [...Map.groupBy(drafts, ({ to }) => to.endpointKey).values()].flatMap((all) => foldFor(all, context)),
  suppressed: [],
});

function foldFor(drafts: readonly DueDraft[], context: DecideContext): readonly DueDraft[] {
  const fresh = drafts.filter((draft) => isReady(draft, context.now) && isNew(draft));
  const room = Math.max(0, MAX_NEW_GROUPS - (drafts[0]?.queued ?? 0));
  if (fresh.length <= room) return drafts;
  // What stands for many goes first, then what is critical.
  const ordered = fresh.toSorted((a, b) => rank(a) - rank(b));
  const folded = new Map(drafts.map((draft) => [draft.group.key, draft]));
  const added = new Map<string, { into: DueDraft; fresh: Recipient[] }>();
  for (const own of ordered.slice(room))
    for (const recipient of own.fresh) {
      const group = overflowGroup(recipient.route, recipient.alert);
      // What has none of the labels that its route groups by is in that group already.
      if (group.key === own.group.key) continue;
      const { fresh: more } = getOrInsert(added, group.key, () => {
        const notificationGroup = context.notificationGroups.get(notificationGroupKey(own.to.endpointKey, group.key));
        const into = folded.get(group.key) ?? { ...own, group, notificationGroup, outdated: undefined, fresh: [] };
        // What waited is told on the occasion of what comes on top.
        return { into: { ...into, due: soonest(into.due, own.due as Due) }, fresh: [...into.fresh] };
      });
      more.push(recipient);
      folded.delete(own.group.key);
    }
  for (const [key, { into, fresh: all }] of added) folded.set(key, { ...into, fresh: all });
  return [...folded.values()];
}

const soonest = (own: Due | undefined, other: Due): Due => (own === undefined || other.at < own.at ? other : own);

const isReady = ({ due, isBusy }: DueDraft, now: number): boolean => due !== undefined && due.at <= now && !isBusy;

const isNew = ({ still, ended }: DueDraft): boolean => still.length + ended.length === 0;

const rank = ({ group, fresh }: DueDraft): number => {
  if (group.shared !== undefined) return 0;
  return fresh.some(({ alert }) => severityOf(alert.labels) === "critical") ? 1 : 2;
};
