import { type GroupPlace, groupOf, rootsOf } from "./dependency-group.ts";
import type { ProbeTask } from "./probe-task.ts";

/** A slot's tasks, plus the root of each group that has tasks but not its root: the root runs first in every slot. */
export function addRoots<O extends ProbeTask>(tasks: readonly O[], placeOf: (kind: string) => GroupPlace): ProbeTask[] {
  const nameOf = (task: ProbeTask, kind: string): string => `${task.target.name}\n${kind}\n${task.vantage}`;
  const known = new Set(tasks.map((task) => nameOf(task, task.plan.kind)));
  const added: ProbeTask[] = [];
  for (const [target, own] of Map.groupBy(tasks, (task) => task.target)) {
    const roots = rootsOf(target, own[0]?.memory ?? {}, placeOf);
    for (const task of own) {
      const plan = roots.get(groupOf(target, task.plan.kind, placeOf(task.plan.kind).tier));
      if (plan === undefined || known.has(nameOf(task, plan.kind))) continue;
      known.add(nameOf(task, plan.kind));
      added.push({ ...task, plan, role: "sole" });
    }
  }
  return added.length === 0 ? [...tasks] : [...tasks, ...added];
}
