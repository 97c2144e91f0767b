import { groupOf } from "../group.ts";
import type { Addressed, Notice, Stage } from "../stage.ts";

/** Puts each notice into the group of its route and class, once for each endpoint of its receiver. */
export const group: Stage<Notice, Addressed> = (notices, { endpointsOf }) => {
  const passed: Addressed[] = [];
  for (const { key, alert, receiver, route, via } of notices) {
    const endpoints = endpointsOf.get(receiver) ?? [];
    if (endpoints.length === 0) continue;
    const own = groupOf(route, alert);
    for (const to of endpoints) passed.push({ key, alert, route, via, group: own, to });
  }
  return { passed, suppressed: [] };
};
