import { formatDuration } from "../../lib/duration.ts";
import type { Severity } from "../../model/alerting/alert.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import { type Binding, type Dashboard, type DashboardFile, ORIGIN, type Panel } from "./dashboard-file.ts";
import { type RuleView, viewRule } from "./rule-view.ts";

/** Grafana's colours by how bad it is. */
const COLORS: Readonly<Record<Severity, string>> = { critical: "red", warning: "orange", info: "blue" };
const GOOD = "green";

/** What a dashboard is printed for. */
export interface DashboardFor {
  /** Rules in force. */
  rules: readonly Rule[];
  /** Origin of this installation without a slash at the end; without it there are no links to its pages. */
  externalUrl: string | undefined;
}

/** A dashboard as Grafana reads it, with expressions and thresholds of the rules in force and links to this installation. */
export function finishDashboard(
  { dashboard, bindings }: DashboardFile,
  { rules, externalUrl }: DashboardFor,
): Dashboard {
  const finished = structuredClone(dashboard);
  const panels = new Map(finished.panels?.map((panel) => [panel.id, panel]));
  for (const binding of bindings) {
    const panel = panels.get(binding.panel);
    if (panel !== undefined)
      bindRule(
        panel,
        binding,
        rules.find(({ name }) => name === binding.rule),
      );
  }
  for (const panel of finished.panels ?? []) if (externalUrl === undefined) removeLinks(panel);
  return JSON.parse(JSON.stringify(finished).replaceAll(ORIGIN, externalUrl ?? ORIGIN)) as Dashboard;
}

/** Puts a rule into a panel: expression, thresholds, and a sentence about it. Without the rule, the sentence says so. */
export function bindRule(panel: Panel, { rule: name, draws, description }: Binding, rule: Rule | undefined): void {
  const view = rule && viewRule(rule, draws);
  panel.description = `${description}\n\n${rule === undefined ? `Rule: ${name} is off in watch.yaml.` : aboutRule(rule, view)}`;
  const defaults = panel.fieldConfig?.defaults;
  if (draws === undefined || defaults === undefined) return;
  const [first] = panel.targets ?? [];
  if (first !== undefined && view !== undefined) {
    first.expr = view.expr;
    first.legendFormat = view.legend;
  }
  defaults.thresholds = { mode: "absolute", steps: rule && view ? stepsOf(rule, view) : [lowest(GOOD)] };
}

const lowest = (color: string): { value: null; color: string } => ({ value: null, color });

/** Grafana colours from a step's value upwards. */
function stepsOf({ severity }: Rule, { threshold }: RuleView): { value: number | null; color: string }[] {
  const { op, value } = threshold;
  const bad = COLORS[severity];
  return op === ">" || op === ">=" ? [lowest(GOOD), { value, color: bad }] : [lowest(bad), { value, color: GOOD }];
}

function aboutRule({ name, severity, forMs, overrides }: Rule, view: RuleView | undefined): string {
  const limit = view === undefined ? "" : ` at ${view.threshold.op} ${view.threshold.value}`;
  const lasting = forMs === 0 ? "" : ` for ${formatDuration(forMs)}`;
  const others = overrides === undefined || overrides.length === 0 ? "" : " Some series have limits of their own.";
  return `Rule: ${name} (${severity})${limit}${lasting}.${others}`;
}

function removeLinks(panel: Panel): void {
  delete panel.links;
  if (panel.fieldConfig !== undefined) delete panel.fieldConfig.defaults.links;
}
