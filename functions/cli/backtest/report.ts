import { formatDuration } from "../../lib/duration.ts";
import type { Config } from "../../model/config.ts";
import { columns } from "../table.ts";
import type { ReplayedAlert } from "./alert-log.ts";
import { notifiedOf } from "./alerts-fired.ts";
import type { Backtest } from "./backtest.ts";
import { type IncidentCover, pages } from "./compare.ts";
import { differenceOf } from "./difference.ts";

/** What a report names: the files and the time range. Times in epoch ms. */
export interface ReportOf {
  file: string;
  against: string;
  from: number;
  to: number;
  next: Config;
  present: Config;
}

const plural = (count: number, noun: string): string =>
  `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;

/** `2026-11-22 11:49`, with seconds where there are some. */
const timeText = (ms: number): string =>
  new Date(ms)
    .toISOString()
    .replace("T", " ")
    .replace(/(:00)?\.000Z$/, "");

const counted = (alerts: readonly ReplayedAlert[]): string =>
  `${plural(alerts.length, "alert")} (${alerts.filter(pages).length} critical)`;

/** A backtest as text for a terminal. */
export function report(of: ReportOf, done: Backtest): string {
  const { file, against } = of;
  const next = done.next.map(({ alert }) => alert);
  const fresh = done.next.filter(({ counterparts }) => counterparts.length === 0).map(({ alert }) => alert);
  const missedIncidents = done.incidents.filter(({ cover }) => cover !== "paged").length;
  const gaps = done.replayed.gaps.reduce((sum, { slots }) => sum + slots, 0);
  return [
    `${file} against ${against}, ${timeText(of.from)} to ${timeText(of.to)} UTC: ${plural(done.targets, "target")}, ${plural(done.replayed.samples, "sample")}, ${plural(gaps, "slot")} missed`,
    "",
    `${file} would have raised ${counted(next)}, ${against} ${counted(done.present)}`,
    `  new: ${counted(fresh)} that only ${file} raises`,
    `  missed: ${counted(done.missed)} that only ${against} raises`,
    `  recorded incidents: ${done.incidents.length}; ${file} would not have paged for ${missedIncidents}`,
    ...done.changedNotJudged.map((rule) => `  ${rule} is changed in ${file} but cannot be evaluated from history`),
    ...section(
      `alerts of ${file}`,
      alertRows(
        of.next,
        done.next.map((one) => [one.alert, differenceOf(one)]),
        done,
      ),
    ),
    ...section(
      `missed: alerts of ${against} only`,
      alertRows(
        of.present,
        done.missed.map((alert) => [alert]),
        done,
      ),
    ),
    ...section("recorded incidents", done.incidents.map(incidentRow)),
    ...section("alerts by rule", ruleRows(done)),
    ...section(
      "rules that cannot be evaluated from history",
      done.notJudged.map(({ rule, why, needs }) => [rule, why, needs ?? ""]),
    ),
    ...section(
      "limits",
      done.limits.map((limit) => [limit]),
    ),
  ].join("\n");
}

/** A titled table; nothing where there are no rows. `rows` may start with a heading. */
function section(title: string, rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : ["", `${title}:`, columns(rows, "  ")];
}

function alertRows(
  config: Config,
  alerts: readonly (readonly [alert: ReplayedAlert, difference?: string])[],
  { replayed }: Backtest,
): string[][] {
  if (alerts.length === 0) return [];
  const rows = alerts.map(([alert, difference]) => [
    timeText(alert.pendingAt),
    timeText(alert.firedAt),
    alert.resolvedAt === undefined ? "still firing" : timeText(alert.resolvedAt),
    formatDuration((alert.resolvedAt ?? Math.max(replayed.lastAt, alert.firedAt)) - alert.firedAt),
    alert.labels["severity"] ?? "",
    notifiedOf(alert, config).join(", ") || "none",
    alert.value === undefined ? "" : `${Number(alert.value.toPrecision(4))}`,
    [alert.labels["alertname"], ...alert.about].join(" "),
    ...(difference === undefined ? [] : [difference]),
  ]);
  const heading = ["pending", "fired", "resolved", "lasted", "severity", "notified", "value", "alert"];
  return [alerts[0]?.length === 2 ? [...heading, "difference"] : heading, ...rows];
}

function incidentRow({ incident, cover, by }: IncidentCover): string[] {
  const { target, openedAt, closedAt } = incident;
  const name =
    by === undefined ? "" : `${by.labels["alertname"]} (${by.labels["severity"]}) at ${timeText(by.firedAt)}`;
  return [
    target,
    timeText(Math.floor(openedAt / 1000) * 1000),
    closedAt === undefined ? "open" : formatDuration(Math.max(0, closedAt - Math.floor(openedAt / 1000) * 1000)),
    cover === "missed" ? "missed: no alert" : cover === "warned" ? `not paged, only ${name}` : `paged by ${name}`,
  ];
}

function ruleRows(done: Backtest): string[][] {
  const count = (alerts: readonly ReplayedAlert[], name: string): number =>
    alerts.filter(({ labels }) => labels["alertname"] === name).length;
  const next = done.next.map(({ alert }) => alert);
  const alerted = [...next, ...done.present].map(({ labels }) => labels["alertname"] ?? "");
  const silent = done.judged.filter(({ name }) => !alerted.includes(name)).map(({ name }) => name);
  return [
    ["rule", "new", "present"],
    ...[...new Set(alerted)].sort().map((name) => [name, `${count(next, name)}`, `${count(done.present, name)}`]),
    ...(silent.length === 0 ? [] : [[`no alerts from: ${silent.join(", ")}`]]),
  ];
}
