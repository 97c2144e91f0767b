import type { RuleAspect } from "./rule-view.ts";

/** A threshold step; `null` is the lowest. */
interface Step {
  value: number | null;
  color: string;
}

/** A link of a panel. */
interface Link {
  title: string;
  url?: string;
}

/** What this product reads and writes of a panel; the rest is Grafana's own. */
export interface Panel {
  id?: number;
  type?: string;
  title?: string;
  description?: string;
  targets?: { expr?: string; legendFormat?: string }[];
  fieldConfig?: { defaults: { thresholds?: { mode: string; steps: Step[] }; links?: unknown[] } };
  links?: Link[];
}

/** A dashboard as Grafana reads it, as far as this product looks into it. */
export interface Dashboard {
  uid?: string;
  title?: string;
  panels?: Panel[];
}

/** What a panel has of a rule. The rule in force may differ from the shipped one, so it is put in when it is asked for. */
export interface Binding {
  /** Id of the panel. */
  panel: number;
  rule: string;
  /** The panel's expression is the rule's; absent: the panel has its own, and only names the rule. */
  draws?: RuleAspect;
  /** The description without the sentence about the rule. */
  description: string;
}

/** A generated file: the dashboard with the shipped rules, and where rules are in it. */
export interface DashboardFile {
  dashboard: Dashboard;
  bindings: readonly Binding[];
}

/** Stands in generated files for the origin of the installation. */
export const ORIGIN = "https://origin.invalid";
