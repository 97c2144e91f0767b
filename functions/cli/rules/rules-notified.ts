import { ruleChanges } from "../../config/rules/rule-changes.ts";
import type { Config } from "../../model/config.ts";
import { shownFamilies } from "../../model/families/shown-families.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import { columns } from "../table.ts";

const counted = (names: readonly string[], what: string): string[] =>
  names.length === 0 ? [] : [`${names.length} ${what}`];

/** One line: how many rules are on, and how many differ from the shipped ones. */
export function rulesLine(config: Config, kinds: readonly ProbeKind[]): string {
  const { shipped, changed, off, own, inactive } = ruleChanges(config, shownFamilies(kinds, config.imports));
  const parts = [
    `${shipped.length} shipped`,
    ...counted(changed, "of them changed"),
    ...counted(own, "of your own"),
    ...counted(off, "off"),
    ...counted(
      inactive.map(({ rule }) => rule.name),
      "inactive",
    ),
  ];
  return `rules: ${parts.join(", ")}`;
}

/** The same line, then each rule that is changed, off, own or inactive, with the reason. */
export function formatRules(config: Config, kinds: readonly ProbeKind[]): string {
  const { changed, off, own, inactive } = ruleChanges(config, shownFamilies(kinds, config.imports));
  const why = new Map(inactive.map(({ rule, why }) => [rule.name, why]));
  const rows = [
    ...changed.map((name) => [name, why.has(name) ? `changed, but inactive: ${why.get(name)}` : "changed"]),
    ...own.map((name) => [name, "your own"]),
    ...off.map((name) => [name, "off"]),
    ...inactive.flatMap(({ rule: { name }, why }) => (changed.includes(name) ? [] : [[name, `inactive: ${why}`]])),
  ];
  return [rulesLine(config, kinds), ...(rows.length === 0 ? [] : [columns(rows, "  ")])].join("\n");
}
