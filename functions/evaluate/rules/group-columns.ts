import { escapeLabelValue } from "../../lib/label-escape.ts";
import { readLabels } from "../../lib/label-read.ts";
import type { AlertLabels } from "../../model/alerting/alert.ts";
import type { Matcher } from "../../model/alerting/matcher.ts";
import { matchesAll } from "../../model/alerting/matches.ts";
import type { Selector } from "../../model/alerting/rule.ts";
import type { Layout } from "../../model/snapshot.ts";

/** Columns of one target with the same values of a rule's `by` labels. */
export interface ColumnGroup {
  /** The `by` labels except `target`; absent ones are omitted. */
  labels: AlertLabels;
  /** The printed labels in the order of `by`: the group's name. */
  text: string;
  offsets: number[];
}

/** A selector's matchers on `target`. These select blocks; all others select columns. */
export const targetMatchers = (selector: Selector): readonly Matcher[] =>
  (selector.matchers ?? []).filter((m) => m.name === "target");

/** Labels in the printed form of columns. */
export function groupText(by: readonly string[], labels: AlertLabels): string {
  return by
    .filter((name) => name !== "target" && labels[name] !== undefined)
    .map((name) => `${name}="${escapeLabelValue(labels[name] as string)}"`)
    .join(",");
}

/** Groups of the columns that a selector matches, in column order. */
export function groupColumns(layout: Layout, selector: Selector, by: readonly string[]): ColumnGroup[] {
  const matchers = (selector.matchers ?? []).filter((m) => m.name !== "target");
  const groups = new Map<string, ColumnGroup>();
  for (const column of layout.columns) {
    if (column.family !== selector.family) continue;
    const all = readLabels(column.labels);
    if (!matchesAll(matchers, all)) continue;
    const labels: Record<string, string> = {};
    for (const name of by) if (name !== "target" && all[name] !== undefined) labels[name] = all[name];
    const text = groupText(by, labels);
    const group = groups.get(text);
    if (group === undefined) groups.set(text, { labels, text, offsets: [column.offset] });
    else group.offsets.push(column.offset);
  }
  return [...groups.values()];
}
