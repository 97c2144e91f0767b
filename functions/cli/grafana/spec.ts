import { chosen, type RuleAspect } from "../../expose/grafana/rule-view.ts";
import { shownFamilies } from "../../model/families/shown-families.ts";
import type { Family } from "../../model/metric.ts";
import { PROBE_KINDS } from "../../probe/kinds/registry.ts";

/** How a panel draws: lines over time, one number, a heatmap, a table, states over time, or a matrix of probe and vantage. */
export type Form = "lines" | "number" | "heatmap" | "table" | "states" | "matrix";

/** A query: an expression and how its series are named. */
export type Query = readonly [expr: string, legend: string];

/** A panel as it is written down. Its place follows from the sequence and the widths. */
export interface PanelSpec {
  title: string;
  /** What good looks like: one or two sentences. */
  good: string;
  /** Grafana's name of the unit. */
  unit: string;
  /** Columns, of 24. */
  width: 6 | 8 | 12 | 24;
  /** Default: `lines`. */
  form?: Form;
  /** A shipped rule; without `queries`, the panel draws its number and its threshold. */
  rule?: string;
  /** What it draws of the rule. Default: the number that it compares. */
  aspect?: RuleAspect;
  queries?: readonly Query[];
  /** Names of states by value, for the form `states`, tables and numbers. */
  states?: readonly { value: number; text: string; color: string }[];
  /** Slug of the runbook; default: the rule's. */
  runbook?: string;
  /** What to switch on where the panel is empty. */
  needs?: string;
}

/** A dashboard as it is written down. */
export interface DashboardSpec {
  name: string;
  title: string;
  description: string;
  /** One target is chosen, and not several. */
  oneTarget?: true;
  /** It is about the prober, which has no targets. */
  ofProber?: true;
  rows: readonly { title: string; panels: readonly PanelSpec[] }[];
}

export const FULL = "Empty? Set `metrics: { detail: full }` in watch.yaml.";
export const DIAGNOSTICS =
  "Empty? Today's Zako does not say this by itself: give it the diagnostics service (docs/inside-zako.md), or switch on `probes.scrape` or `probes.push` for a Zako that has metrics of its own.";
export const REPORTED =
  "Empty? Switch on `probes.push` and have Zako export over OTLP (docs/pushing.md), or `probes.scrape` for a Zako with a Prometheus endpoint.";
export const SCRAPED = "Empty? Switch on `probes.scrape` for a Zako with a Prometheus endpoint.";
export const PUSHED = "Empty? Switch on `probes.push` and have Zako export over OTLP (docs/pushing.md).";
export const WHEN_IT_HAPPENS = "Empty until it happens for the first time.";
export const WRITES = "Empty? The probe `transport.upload` is off in watch.yaml, or has not committed yet.";
export const RECORDED = "Empty? Prometheus has to load `/prometheus/rules.yml`, which records this every 5 minutes.";
export const PROMETHEUS =
  "Empty? Prometheus has to load `/prometheus/rules.yml`; with no alerts firing it is empty, too.";

const families = new Map<string, Family>(shownFamilies(PROBE_KINDS).map((family) => [family.name, family]));

type Where = Readonly<Record<string, string>>;

/** Selects series of a family, of the chosen targets and vantages. Throws where the family or a label does not exist. */
export function series(name: string, where: Where = {}, suffix = ""): string {
  const family = families.get(name);
  if (family === undefined) throw new Error(`Unknown family ${name}: nothing emits it.`);
  const labels = family.type === "stateset" ? [...family.labels, name] : family.labels;
  const odd = Object.keys(where).find((label) => !labels.includes(label));
  if (odd !== undefined) throw new Error(`The family ${name} has no label ${odd}.`);
  const matchers = Object.entries(where).map(([label, value]) => ({ name: label, op: "=" as const, value }));
  return chosen(name + suffix, matchers, labels);
}

const over = (aggregate: string, by: string): string => (by === "" ? aggregate : `${aggregate} by (${by})`);

const legendOf = (by: string, more = ""): string =>
  [
    ...by
      .split(", ")
      .filter((label) => label !== "")
      .map((label) => `{{${label}}}`),
    ...(more === "" ? [] : [more]),
  ].join(" ");

/** The current value, the largest by these labels. */
export const gauge = (name: string, by: string, more = "", where: Where = {}): Query => [
  `${over("max", by)} (${series(name, where)})`,
  legendOf(by, more),
];

/** What a counter grows by each second. */
export const rate = (name: string, by: string, more = "", where: Where = {}): Query => [
  `${over("sum", by)} (rate(${series(name, where)}[$__rate_interval]))`,
  legendOf(by, more),
];

/** What a counter has grown by over a window. */
export const growth = (name: string, by: string, window = "$__rate_interval", more = "", where: Where = {}): Query => [
  `${over("sum", by)} (increase(${series(name, where)}[${window}]))`,
  legendOf(by, more),
];

/** How old the newest timestamp is, in seconds. */
export const age = (name: string, by: string, more = "", where: Where = {}): Query => [
  `time() - ${over("max", by)} (${series(name, where)})`,
  legendOf(by, more),
];

/** A quantile of a histogram. */
export const quantile = (
  q: number,
  name: string,
  by: string,
  window = "$__rate_interval",
  where: Where = {},
): Query => [
  `histogram_quantile(${q}, sum by (${by === "" ? "le" : `${by}, le`}) (increase(${series(name, where, "_bucket")}[${window}])))`,
  legendOf(by, `P${Math.round(q * 100)}`),
];

/** P50, P95 and P99. */
export const quantiles = (name: string, by: string, window?: string, where?: Where): Query[] =>
  [0.5, 0.95, 0.99].map((q) => quantile(q, name, by, window, where));

/** The mean of a histogram. */
export const mean = (name: string, by: string, window = "$__rate_interval", where: Where = {}): Query => {
  const part = (suffix: string): string => `${over("sum", by)} (increase(${series(name, where, suffix)}[${window}]))`;
  return [`${part("_sum")} / ${part("_count")}`, legendOf(by, "mean")];
};

/** Buckets of a histogram, for a heatmap. */
export const buckets = (name: string, where: Where = {}): Query => [
  `sum by (le) (increase(${series(name, where, "_bucket")}[$__rate_interval]))`,
  "{{le}}",
];

/** How bad a state is, as a number: the states of the model from best to worst. */
export const STATES = [
  { value: 0, text: "up", color: "green" },
  { value: 1, text: "unknown", color: "purple" },
  { value: 2, text: "degraded", color: "yellow" },
  { value: 3, text: "regional", color: "orange" },
  { value: 4, text: "down", color: "red" },
] as const;

/** The state of targets or probes as a number of `STATES`. */
export function stateOf(family: string, by: string): Query {
  const is = STATES.filter(({ value }) => value > 0).map(
    ({ value, text }) => `${value} * max by (${by}) (${series(family, { [family]: text })})`,
  );
  return [is.join(" + "), legendOf(by)];
}

/** Yes or no, with the colour of what is good. */
export const yesNo = (yes: string, no: string, good: 0 | 1): NonNullable<PanelSpec["states"]> => [
  { value: 1, text: yes, color: good === 1 ? "green" : "red" },
  { value: 0, text: no, color: good === 0 ? "green" : "red" },
];
