import { rulesOf } from "../../config/rules/catalogue.ts";
import { whyInactive } from "../../evaluate/rules/active-rules.ts";
import { readsOf } from "../../evaluate/rules/condition.ts";
import { runbookUrl, variantsOf } from "../../evaluate/rules/make-alert.ts";
import { formatDuration } from "../../lib/duration.ts";
import { escapeLabelValue } from "../../lib/label-escape.ts";
import type { Severity } from "../../model/alerting/alert.ts";
import type { Matcher } from "../../model/alerting/matcher.ts";
import { matchesAll } from "../../model/alerting/matches.ts";
import { PROBER_STALE, WATCHDOG } from "../../model/alerting/own-alert-labels.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import type { Config } from "../../model/config.ts";
import type { Family } from "../../model/metric.ts";
import type { Target } from "../../model/probing/target.ts";
import { PromqlPrinter } from "./promql.ts";
import { SLO_STEP, sloRecordings } from "./slo-recordings.ts";

/** What rules are printed for. */
export interface PrintedFor {
  rules: readonly Rule[];
  /** Families that are collected. */
  families: ReadonlyMap<string, Family>;
  targets: readonly Pick<Target, "name" | "labels">[];
  /** Origin of this installation without a slash at the end, for runbook links. */
  externalUrl: string | undefined;
}

/** What a config has printed. */
export const printedFor = (config: Config, families: readonly Family[]): PrintedFor => ({
  rules: rulesOf(config),
  families: new Map(families.map((f) => [f.name, f])),
  targets: config.targets,
  externalUrl: config.externalUrl,
});

const HEADER = `# Rules of zako-watch for Prometheus, generated from the rules that its Monitors evaluate. Do not edit: change watch.yaml.
#
# The label "pager" says who pages. zako-watch itself sends the alerts with pager="edge"; route them to a null receiver in
# an Alertmanager that only Prometheus feeds. An Alertmanager that both feed sees equal labels and merges them. The
# Watchdog, which either side may raise, has no such label.
#
# Counters are read as plain differences over the window, since increase() and rate() extrapolate and the two sides would
# disagree. A difference is the first of these that exists:
#   the counter itself, where its target began within the window: it began at 0 then;
#   the value now less the one a window ago, unless that is negative;
#   the counter itself, where its target was there a window ago and it was not (or was reset): it began at 0 since;
#   the value now less the least seen within the window, where Prometheus has not looked for a whole window yet.
# Where a window has too few runs to decide, a firing alert keeps firing (the lines with ALERTS): missing data does not
# mean recovery. The labels job and instance, which only Prometheus has, are aggregated away.
`;

/** All rules as a file of Prometheus rule groups, within what promtool 2.42 reads. */
export function printRules({ rules, families, targets, externalUrl }: PrintedFor): string {
  const collected = rules.filter((rule) => whyInactive(rule, families) === undefined);
  const others = rules.filter((rule) => !collected.includes(rule));
  const groups = [
    printGroup("zako-watch", collected, targets, externalUrl),
    ...(others.length === 0
      ? []
      : [
          "# This installation does not collect the metrics that these rules need, so they never fire.\n" +
            printGroup("zako-watch-not-collected", others, targets, externalUrl),
        ]),
    ...sloGroup(collected),
    proberGroup(externalUrl),
  ];
  return `${HEADER}groups:\n${groups.join("\n")}`;
}

/** What no Monitor can say of itself: the Alerter raises it, and so does Prometheus. */
const OF_THE_PROBER = [
  {
    labels: PROBER_STALE,
    expr: "time() - max by (shard) (zako_watch_last_tick_timestamp_seconds) > 300",
    summary: "A Monitor has stopped probing.",
    description: "The last tick was {{ $value | humanizeDuration }} ago.",
    runbook: "prober-stale",
  },
  {
    labels: { alertname: "ZakoProberAbsent", severity: "critical", pager: "prometheus" },
    expr: "absent(zako_watch_last_tick_timestamp_seconds)",
    forMs: 300_000,
    summary: "Prometheus has no metrics of zako-watch.",
    description: "Its metrics have been missing for 5 minutes.",
    runbook: "prober-stale",
  },
  {
    labels: WATCHDOG,
    expr: "vector(1)",
    summary: "Always fires.",
    description: "If it is missing, alerts are not delivered.",
    runbook: "watchdog",
  },
];

const proberGroup = (externalUrl: string | undefined): string =>
  groupText(
    "zako-watch-prober",
    OF_THE_PROBER.map(({ labels: { alertname: name = "", ...labels }, ...alert }) =>
      alertText({ forMs: 0, keepFiringForMs: 0, ...alert, name, labels }, externalUrl),
    ),
  );

/** What dashboards read of error budgets; no group where no rule is about one. */
function sloGroup(rules: readonly Rule[]): string[] {
  const recordings = sloRecordings(rules).map(
    ({ record, labels, expr }) =>
      `  - record: ${record}\n    expr: |\n${indent(expr, 6)}\n    labels:\n${mapping(labels)}`,
  );
  return recordings.length === 0 ? [] : [groupText("zako-watch-slo", recordings, SLO_STEP)];
}

const groupText = (name: string, rules: readonly string[], interval = "1m"): string =>
  `- name: ${name}\n  interval: ${interval}\n  rules:\n${rules.join("")}`;

type AlertText = Pick<Rule, "name" | "forMs" | "keepFiringForMs" | "summary" | "description" | "runbook"> & {
  expr: string;
  labels: Readonly<Record<string, string>>;
};

function alertText(alert: AlertText, externalUrl: string | undefined): string {
  const runbook = runbookUrl(alert, externalUrl);
  const annotations = {
    summary: alert.summary,
    description: alert.description,
    ...(runbook === undefined ? {} : { runbook_url: runbook }),
  };
  return (
    `  - alert: ${alert.name}\n    expr: |\n${indent(alert.expr, 6)}\n` +
    (alert.forMs === 0 ? "" : `    for: ${formatDuration(alert.forMs)}\n`) +
    (alert.keepFiringForMs === 0 ? "" : `    keep_firing_for: ${formatDuration(alert.keepFiringForMs)}\n`) +
    `    labels:\n${mapping(alert.labels)}    annotations:\n${mapping(annotations)}`
  );
}

function printGroup(
  name: string,
  rules: readonly Rule[],
  targets: PrintedFor["targets"],
  externalUrl: string | undefined,
): string {
  const printer = new PromqlPrinter();
  const alerts = rules.flatMap((rule) => printAlerts(printer, rule, targets, externalUrl));
  const recordings = [...printer.recordings.values()].map(
    ({ record, expr }) => `  - record: ${record}\n    expr: |\n${indent(expr, 6)}\n`,
  );
  return groupText(name, [...recordings, ...alerts]);
}

const indent = (text: string, spaces: number): string => text.replace(/^/gm, " ".repeat(spaces));

/** JSON is YAML. */
const quoted = (text: string): string => JSON.stringify(text);

const mapping = (entries: Readonly<Record<string, string>>): string =>
  Object.entries(entries)
    .map(([name, value]) => `      ${name}: ${quoted(value)}\n`)
    .join("");

/** A rule as one alert for each severity that it can have. */
function printAlerts(
  printer: PromqlPrinter,
  rule: Rule,
  targets: PrintedFor["targets"],
  externalUrl: string | undefined,
): string[] {
  const bySeverity = new Map<Severity, string[]>();
  const overrides = (rule.overrides ?? []).map((o) => onSeries(rule, o.matchers, targets));
  for (const [i, variant] of variantsOf(rule).entries()) {
    if (variant === undefined) continue;
    const own = i === 0 ? [] : (overrides[i - 1] as readonly Matcher[]);
    // The first override that matches counts, so each leaves out what those before it take, and the rule itself all.
    const earlier = overrides.slice(0, i === 0 ? overrides.length : i - 1);
    const exprs = bySeverity.get(variant.severity) ?? [];
    bySeverity.set(variant.severity, [...exprs, without(printer, rule, variant.condition, own, earlier)]);
  }
  return [...bySeverity].map(([severity, exprs]) => {
    const any = exprs.length === 1 ? (exprs[0] as string) : exprs.map((e) => `(\n${e}\n)`).join("\nor\n");
    const expr = withTargetLabels(any, rule, targets);
    const labels = { ...rule.labels, severity, pager: rule.pager };
    return alertText({ ...rule, expr, labels }, externalUrl);
  });
}

function without(
  printer: PromqlPrinter,
  rule: Rule,
  condition: Rule["condition"],
  own: readonly Matcher[],
  others: readonly (readonly Matcher[])[],
): string {
  const expr = printer.condition(rule, condition, own);
  if (others.length === 0) return expr;
  const [first] = readsOf(rule.condition);
  if (first === undefined) return expr;
  const suffix = first.type === "histogram" ? "_count" : "";
  const taken = others.map((matchers) => printer.groups(rule, first.selector, suffix, matchers));
  return `(\n${expr}\n)\nunless on (${rule.by.join(", ")}) (${taken.join(" or ")})`;
}

/** Matchers as series can tell: those on a target's own labels, which no series has, become the targets' names. */
function onSeries(rule: Rule, matchers: readonly Matcher[], targets: PrintedFor["targets"]): Matcher[] {
  const onLabels = matchers.filter((m) => !rule.by.includes(m.name));
  if (onLabels.length === 0) return [...matchers];
  const names = targets.filter((t) => matchesAll(onLabels, t.labels)).map((t) => t.name);
  return [
    ...matchers.filter((m) => rule.by.includes(m.name)),
    { name: "target", op: "=~", value: names.length === 0 ? "^$" : oneOf(names) },
  ];
}

/** Names have letters, digits, `-`, `_` and `.` only. */
const oneOf = (names: readonly string[]): string => names.map((name) => name.replaceAll(".", "[.]")).join("|");

/**
 * Puts the targets' own labels of `watch.yaml` on, as Monitors do; no series has them. Not by templates of labels: where
 * one gives nothing, Prometheus' ALERTS carry its source instead.
 */
function withTargetLabels(expr: string, rule: Rule, targets: PrintedFor["targets"]): string {
  if (!rule.by.includes("target")) return expr;
  const taken = new Set([...rule.by, ...Object.keys(rule.labels ?? {})]);
  const names = [...new Set(targets.flatMap((t) => Object.keys(t.labels)))].filter((name) => !taken.has(name));
  return names.reduce((inner, name) => {
    const labelled = targets.filter((t) => t.labels[name] !== undefined);
    const values = Map.groupBy(labelled, (t) => t.labels[name] as string);
    return [...values].reduce((text, [value, of]) => {
      const replacement = escapeLabelValue(value.replaceAll("$", "$$$$"));
      return `label_replace(\n${text},\n"${name}", "${replacement}", "target", "${oneOf(of.map((t) => t.name))}")`;
    }, inner);
  }, expr);
}
