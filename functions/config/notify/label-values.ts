import { getOrInsert } from "../../lib/get-or-insert.ts";
import { type AlertLabels, SEVERITIES } from "../../model/alerting/alert.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import type { Target } from "../../model/probing/target.ts";
import { DRILL_LABEL } from "../../notify/policy/group.ts";
import { OWN_ALERTS } from "./possible-alerts.ts";

/** The values that a label of alerts can have, the empty one for alerts without it; `any` where they are not known. */
export type LabelValues = ReadonlyMap<string, ReadonlySet<string> | "any">;

/** What alerts of a configuration can carry. */
export interface AlertSources {
  rules: readonly Rule[];
  targets: readonly Pick<Target, "name" | "labels">[];
  /** Names of the vantages. */
  vantages: readonly string[];
  /** Kinds of probes that there are. */
  probes: readonly string[];
}

/** Labels that every alert has. */
const ALWAYS = ["alertname", "severity"];

/** The labels of all alerts that a configuration can raise, with their values. */
export function labelValues({ rules, targets, vantages, probes }: AlertSources): LabelValues {
  const all = new Map<string, Set<string> | "any">();
  const add = (name: string, values: Iterable<string> | "any"): void => {
    const known = all.get(name) ?? new Set(ALWAYS.includes(name) ? [] : [""]);
    if (known === "any" || values === "any") all.set(name, "any");
    else all.set(name, new Set([...known, ...values]));
  };
  const finite: Readonly<Record<string, readonly string[]>> = {
    target: targets.map(({ name }) => name),
    probe: probes,
    vantage: vantages,
  };
  for (const [name, values] of Object.entries(finite)) add(name, values);
  add("severity", SEVERITIES);
  const own: AlertLabels = {};
  const carried = [...targets.map(({ labels }) => labels), ...rules.map(({ labels = own }) => labels)];
  const values = new Map<string, Set<string>>();
  for (const labels of carried)
    for (const [name, value] of Object.entries(labels)) getOrInsert(values, name, () => new Set<string>()).add(value);
  for (const [name, known] of values) add(name, known);
  add("alertname", [...rules.map(({ name }) => name), ...Object.keys(OWN_ALERTS)]);
  add("pager", [
    ...rules.map(({ pager }) => pager),
    ...Object.values(OWN_ALERTS).flatMap((labels) => labels["pager"] ?? []),
  ]);
  for (const { by } of rules) for (const name of by) if (!Object.hasOwn(finite, name)) add(name, "any");
  // Of the Alerter's own alerts.
  for (const name of ["shard", DRILL_LABEL]) add(name, "any");
  return all;
}
