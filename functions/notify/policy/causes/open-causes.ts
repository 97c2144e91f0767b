import { notificationGroupKey } from "../../../model/alerting/alerter-state.ts";
import type { DecideInput } from "../decide-input.ts";
import type { Group } from "../group.ts";
import type { Ledger } from "../ledger.ts";

/** What one endpoint has been told of and still fires. */
export interface OpenCauses {
  /** Keys of its groups. */
  groups: ReadonlySet<string>;
  /** Those of one cause, by key. */
  causes: ReadonlyMap<string, Group>;
  /** The group of one cause that a target is in. */
  byTarget: ReadonlyMap<string, Group>;
}

/** The groups of an endpoint in which something still fires; what is over takes nobody in. */
export function openCauses(
  endpointKey: string,
  { entries }: Pick<Ledger, "entries">,
  { alerts, notificationGroups }: Pick<DecideInput, "alerts" | "notificationGroups">,
): OpenCauses {
  const groups = new Set<string>();
  const causes = new Map<string, Group>();
  const byTarget = new Map<string, Group>();
  for (const { alertKey, groupKey } of entries) {
    const alert = alerts.get(alertKey);
    if (alert === undefined || alert.resolvedAt !== undefined) continue;
    if (!groups.has(groupKey)) {
      groups.add(groupKey);
      const known = notificationGroups.get(notificationGroupKey(endpointKey, groupKey));
      if (known?.shared !== undefined)
        causes.set(groupKey, { key: groupKey, labels: known.groupLabels, shared: known.shared });
    }
    const cause = causes.get(groupKey);
    if (cause !== undefined) byTarget.set(alert.labels["target"] ?? "", cause);
  }
  return { groups, causes, byTarget };
}
