import { severityOf } from "../../../model/alerting/alert.ts";
import { openCauses } from "../causes/open-causes.ts";
import { findCauses } from "../causes/shared-cause.ts";
import { DRILL_LABEL, type Group } from "../group.ts";
import { EMPTY_LEDGER, type Ledger } from "../ledger.ts";
import type { Addressed, DecideContext, Stage } from "../stage.ts";

/**
 * One cause, one page: gathers targets that are down for one cause and share something into one group for each endpoint.
 * A target that was told alone keeps its own group, and one that is in a group stays there.
 */
export const gather: Stage<Addressed> = (addressed, context) => {
  const byEndpoint = Map.groupBy(addressed, ({ to }) => to.endpointKey);
  const passed: Addressed[] = [];
  for (const [endpointKey, all] of byEndpoint)
    for (const one of gatherFor(all, context.ledgers.get(endpointKey) ?? EMPTY_LEDGER, context)) passed.push(one);
  return { passed, suppressed: [] };
};

function gatherFor(all: readonly Addressed[], ledger: Ledger, context: DecideContext): readonly Addressed[] {
  const [first] = all;
  // A relay groups by itself.
  if (first === undefined || context.refreshOf(first.to.endpoint.channel) !== undefined) return all;
  const isFree = (one: Addressed): boolean => !ledger.entryOf.has(one.key) && isGathered(one);
  if (!all.some(isFree)) return all;
  const open = openCauses(first.to.endpointKey, ledger, context);
  const free = all.filter((one) => isFree(one) && !open.groups.has(one.group.key));
  const isNews = (one: Addressed): boolean => !open.byTarget.has(targetOf(one));
  const causes = findCauses(all.filter(isGathered), free.filter(isNews), open, context);
  const groupFor = (one: Addressed): Group | undefined => open.byTarget.get(targetOf(one)) ?? causes.get(targetOf(one));
  const moved = new Map(free.map((one) => [one, groupFor(one)] as const));
  return all.map((one) => {
    const found = moved.get(one);
    return found === undefined ? one : { ...one, group: found };
  });
}

/** Critical, about a target, and not on a route that wants every alert by itself. */
const isGathered = ({ alert, route }: Addressed): boolean =>
  severityOf(alert.labels) === "critical" &&
  alert.labels["target"] !== undefined &&
  alert.labels[DRILL_LABEL] === undefined &&
  !route.groupBy.includes("...");

const targetOf = ({ alert }: Addressed): string => alert.labels["target"] ?? "";
