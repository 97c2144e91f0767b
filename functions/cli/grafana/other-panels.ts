import { readsOf } from "../../evaluate/rules/condition.ts";
import { viewRule } from "../../expose/grafana/rule-view.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import type { Family } from "../../model/metric.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import { queriesOf } from "./panel.ts";
import {
  age,
  type DashboardSpec,
  FULL,
  gauge,
  growth,
  mean,
  type PanelSpec,
  type Query,
  quantile,
  rate,
} from "./spec.ts";

type Described = Pick<ProbeKind, "kind" | "families" | "rules" | "runbooks">;

/** What probe kinds declare, and the shipped rules, among them those of the kinds. */
interface Declared {
  kinds: readonly Described[];
  catalogue: readonly Rule[];
}

/** Links of a kind without a runbook of its own. */
const RUNBOOK_OF_ALL = "probe-down";

/**
 * Panels for what probe kinds declare and no written panel shows: rules first, then families. So that a new kind is
 * on a dashboard without an edit there, they say what the kind already says of its rules and families.
 * @internal exported for its test
 */
export function otherPanels(written: readonly DashboardSpec[], { kinds, catalogue }: Declared): PanelSpec[] {
  const panels = written.flatMap(({ rows }) => rows.flatMap((row) => row.panels));
  const drawn = new Set(
    panels
      .filter(({ queries, aspect = "value" }) => queries === undefined && aspect === "value")
      .map(({ rule }) => rule),
  );
  const read = new Set(panels.flatMap((panel) => queriesOf(panel).flatMap(([expr]) => expr.match(/\w+/g) ?? [])));
  const isRead = ({ name }: Family): boolean => ["", "_bucket", "_count", "_sum"].some((end) => read.has(name + end));
  const found: PanelSpec[] = [];
  for (const of of kinds)
    for (const rule of rulesOf(of, catalogue)) if (!drawn.has(rule.name)) found.push(panelOfRule(of.kind, rule, kinds));
  const shown = new Set<string>();
  for (const of of kinds)
    for (const family of of.families) {
      if (isRead(family) || shown.has(family.name)) continue;
      shown.add(family.name);
      found.push(panelOfFamily(of, family, catalogue));
    }
  return found;
}

/** A row with those panels; no row where every family and rule has a written panel. */
export function otherRows(written: readonly DashboardSpec[], declared: Declared): DashboardSpec["rows"] {
  const panels = otherPanels(written, declared);
  return panels.length === 0 ? [] : [{ title: "Other probes", panels }];
}

const rulesOf = ({ rules = [] }: Described, catalogue: readonly Rule[]): Rule[] =>
  catalogue.filter(({ name }) => rules.some((own) => own.name === name));

const familiesOf = ({ condition }: Rule): string[] => readsOf(condition).map(({ selector }) => selector.family);

const emptyWhere = (kind: string): string =>
  `Empty? The probe \`${kind}\` is off in watch.yaml, or the target does not offer what it asks for.`;

/** Draws the number that the rule compares; the families that it reads, if its kind has no such expression. */
function panelOfRule(kind: string, rule: Rule, kinds: readonly Described[]): PanelSpec {
  const known = kinds.flatMap(({ families }) => families);
  const reads = familiesOf(rule).flatMap((name) => known.find((family) => family.name === name) ?? []);
  const view = viewRule(rule);
  const side = view?.threshold.op.startsWith("<") === true ? "above" : "below";
  const good = view === undefined ? `${rule.name} is not firing.` : `${side} the threshold.`;
  return {
    title: `${rule.summary.replace(/\.$/, "")} (${rule.name})`,
    good: [good, ...reads.slice(0, 1).map(({ help }) => help)].join(" "),
    needs: emptyWhere(kind),
    unit: UNITS[rule.condition.kind] ?? (reads[0] === undefined ? "short" : unitOf(reads[0])),
    width: 12,
    rule: rule.name,
    ...(view === undefined ? { queries: reads.flatMap(queriesOfFamily) } : {}),
  };
}

function panelOfFamily(of: Described, family: Family, catalogue: readonly Rule[]): PanelSpec {
  const rule = rulesOf(of, catalogue).find((one) => familiesOf(one).includes(family.name));
  return {
    title: `${of.kind}: ${family.name}`,
    good: `as usual${rule === undefined ? "" : `, and ${rule.name} is not firing`}. ${family.help}`,
    needs: family.standard === "hidden" ? `${emptyWhere(of.kind)} ${FULL}` : emptyWhere(of.kind),
    unit: unitOf(family),
    width: 12,
    ...(family.type === "stateset" ? { form: "states", states: IS } : {}),
    runbook: rule?.runbook ?? of.runbooks?.[0]?.slug ?? RUNBOOK_OF_ALL,
    queries: queriesOfFamily(family),
  };
}

/** Units of the numbers of rules that do not have the unit of what they read. */
const UNITS: Readonly<Record<string, string>> = {
  ratio: "percentunit",
  burn: "percentunit",
  quotient: "short",
  anomaly: "short",
  staleness: "s",
};

const IS = [
  { value: 1, text: "yes", color: "blue" },
  { value: 0, text: "no", color: "text" },
] as const;

/** Reads all labels of the family. */
function queriesOfFamily(family: Family): Query[] {
  const { name, type, labels } = family;
  const by = labels.join(", ");
  switch (type) {
    case "gauge":
      return [name.endsWith("_timestamp_seconds") ? age(name, by) : gauge(name, by)];
    case "counter":
      return [name.endsWith("_bytes_total") ? rate(name, by) : growth(name, by, "15m")];
    case "stateset":
      return [gauge(name, [...labels, name].join(", "))];
    case "histogram":
      return [mean(name, by, "30m"), quantile(0.95, name, by, "30m")];
  }
}

/** Grafana's name of the unit, from the suffix that a family's name has by Prometheus' conventions. */
function unitOf({ name, type }: Family): string {
  if (type === "stateset") return "none";
  if (name.endsWith("_bytes_total")) return "Bps";
  if (/_bytes_per_second$/.test(name)) return "Bps";
  const base = name.replace(/_total$/, "");
  if (base.endsWith("_seconds")) return "s";
  if (base.endsWith("_bytes")) return "bytes";
  return base.endsWith("_ratio") ? "percentunit" : "short";
}
