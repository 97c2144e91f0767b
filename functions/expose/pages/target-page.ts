import type { Uptime } from "../../evaluate/verdict/uptime.ts";
import { escapeHtml } from "../../lib/escape-html.ts";
import { spellDuration, spellTime } from "../../lib/spell-time.ts";
import type { Incident } from "../../model/alerting/incident.ts";
import type { State } from "../../model/probing/verdict.ts";
import { silenceLink } from "../../notify/message/links.ts";
import { formatWhy } from "../../notify/policy/format-why.ts";
import type { ActiveMaintenance } from "../../notify/policy/windows/maintenance.ts";
import type { ActiveAlert } from "../api/alerting-port.ts";
import { formatLatency } from "../status/format-status.ts";
import { alertLines, renderAlerts } from "./alert-line.ts";
import { type HtmlPage, htmlPage } from "./html-page.ts";
import { tokenForm } from "./reader-gate.ts";
import type { ProbeView, TargetView, VantageView } from "./target-view.ts";

/** Input of the page. */
export interface TargetPage {
  target: string;
  /** Undefined where no Monitor watches it. */
  view: TargetView | undefined;
  /** The maintenance that it is in, if any. */
  maintenance: ActiveMaintenance | undefined;
  /** Undefined where the Alerter did not answer. */
  alertsPart:
    | { alerts: readonly ActiveAlert[]; incidents: readonly Incident[]; uptime: Uptime | undefined }
    | undefined;
  /** Latency and success over time: HTML. */
  charts: string;
  /** Where the vantages run: HTML. */
  places: string;
  /** Why probing as a whole is unhealthy, if it is. */
  trouble: string | undefined;
  /** The reader may see names and comments of people. */
  people: boolean;
  /** Epoch ms. */
  now: number;
}

const WORDS: Readonly<Record<State, string>> = {
  up: "up",
  degraded: "degraded: slow, or a non-critical step is failing",
  regional: "failing from some vantages",
  down: "down",
  unknown: "unknown: no recent results",
};

const STALE = " Stale: the prober has produced no results for three intervals or longer.";

const SHOWN_INCIDENTS = 10;

/** Target status, firing alerts, uptime and incidents. */
export function renderTargetPage(page: TargetPage): Promise<HtmlPage> {
  const { target, view, maintenance, alertsPart, charts, places, trouble, people, now } = page;
  const isDown = view?.incidentOpen === true && view.state !== "down";
  const parts = [
    `<p>As of ${spellTime(now)}. <a href="/alerts">All alerts</a> &middot; <a href="/runbooks">Runbooks</a>${silenceAnchor(target)}</p>`,
    trouble === undefined ? "" : `<div class="wrong"><p>The data below may be stale: ${escapeHtml(trouble)}</p></div>`,
    view === undefined
      ? "<p>No data: the target is not in the configuration, or its Monitor did not answer.</p>"
      : `<p>${escapeHtml(target)} is ${WORDS[view.state]}.${isDown ? " The incident is still open: it closes after enough successful runs in a row." : ""}${view.isStale ? STALE : ""}</p>${probeMatrix(view, now)}${stepTable(view)}${coarseList(view)}`,
    maintenance === undefined ? "" : `<p>${escapeHtml(formatMaintenance(maintenance))}</p>`,
    alertsPart === undefined
      ? "<p>The Alerter did not answer, so firing alerts are unknown.</p>"
      : renderAlertsPart(target, alertsPart, people, now),
    view === undefined ? "" : charts,
    view === undefined ? "" : places,
    people ? "" : `<p>Enter a token to see names.</p>${tokenForm(`/targets/${encodeURIComponent(target)}`, "Show")}`,
  ];
  return htmlPage(target, parts.join(""), { form: !people });
}

const formatMaintenance = ({ name, until }: ActiveMaintenance): string =>
  `In maintenance: ${formatWhy(name, until)}. Nobody is notified, and the time does not count as downtime.`;

function silenceAnchor(target: string): string {
  const origin = "https://here.invalid";
  const path = silenceLink(origin, { target })?.slice(origin.length);
  return path === undefined ? "" : ` &middot; <a href="${escapeHtml(path)}">Silence this target</a>`;
}

/** Probes down, vantages across; a colour and words in each cell. */
function probeMatrix(view: TargetView, now: number): string {
  const vantages = [...new Set(view.probes.flatMap((one) => one.vantages.map(({ vantage }) => vantage)))];
  const head = ["Probe", "Now", ...vantages].map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("");
  const rows = view.probes.map((probe) => {
    const cells = vantages.map((name) =>
      vantageCell(
        probe.vantages.find(({ vantage }) => vantage === name),
        now,
      ),
    );
    const state = `<td class="s-${probe.state}">${escapeHtml(formatProbe(probe))}</td>`;
    return `<tr><th scope="row">${escapeHtml(probe.probe)}</th>${state}${cells.join("")}</tr>`;
  });
  const failures = view.probes.flatMap(({ probe, failures: all }) =>
    all.map(
      ({ text, count }) => `<li>${escapeHtml(`${probe}: ${text}, ${count} ${count === 1 ? "time" : "times"}`)}</li>`,
    ),
  );
  return (
    `<div class="wide" tabindex="0" role="region" aria-label="Probes by vantage"><table><tr>${head}</tr>${rows.join("")}</table></div>` +
    (failures.length === 0
      ? ""
      : `<h2>Failures since ${spellTime(view.countedSince)}</h2><ul>${failures.join("")}</ul>`)
  );
}

function coarseList({ coarse }: TargetView): string {
  if (coarse.length === 0) return "";
  const items = coarse.map(({ family, source, lower, upper }) => `${family} (${source}): from ${lower} to ${upper}`);
  return (
    "<h2>Coarse histograms</h2><p>The target reports these buckets, which are wider than ours. Rules do not fire for a quantile in them whose bucket holds the threshold. Set bounds in seconds at the sender.</p>" +
    `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join("")}</ul>`
  );
}

const formatProbe = ({ state, incidentOpen }: ProbeView): string =>
  `${WORDS[state]}${incidentOpen && state !== "down" ? "; incident still open" : ""}`;

function vantageCell(seen: VantageView | undefined, now: number): string {
  if (seen === undefined) return "<td>-</td>";
  const { at, succeeded } = seen;
  if (at === undefined || succeeded === undefined) return "<td>no run yet</td>";
  const words = `${succeeded ? "succeeded" : "failed"} ${spellDuration(now - at)} ago`;
  return `<td class="s-${succeeded ? "up" : "down"}">${words}</td>`;
}

/** How long each step takes, and how often it failed, since the counters began. */
function stepTable({ probes, countedSince }: TargetView): string {
  const rows = probes.flatMap(({ probe, steps }) =>
    steps.map(({ step, runs, meanMs, failures }) => {
      const failed = `<td${failures > 0 ? ` class="s-down"` : ""}>${failures}</td>`;
      const mean = meanMs === undefined ? "-" : formatLatency(meanMs);
      return `<tr><th scope="row">${escapeHtml(`${probe} ${step}`)}</th><td>${runs}</td><td>${mean}</td>${failed}</tr>`;
    }),
  );
  if (rows.length === 0) return "";
  const head = ["Step", "Timed", "Mean duration", "Failed"].map((name) => `<th scope="col">${name}</th>`).join("");
  return `<details><summary>Steps since ${spellTime(countedSince)}</summary><table><tr>${head}</tr>${rows.join("")}</table></details>`;
}

/** Rounded down, so that 100 % means no downtime at all. */
function formatUptime({ ratio, downMs, countedMs }: Uptime): string {
  if (ratio === undefined) return "No uptime data yet.";
  const percent = Math.floor(ratio * 100_000) / 1_000;
  return `Uptime ${percent} % of ${spellDuration(countedMs)}, ${downMs === 0 ? "no downtime" : `${spellDuration(downMs)} down`}; maintenance and unknown time excluded.`;
}

function renderAlertsPart(
  target: string,
  { alerts, incidents, uptime }: NonNullable<TargetPage["alertsPart"]>,
  people: boolean,
  now: number,
): string {
  const lines = alertLines(alerts, people, now);
  const items = incidents.slice(0, SHOWN_INCIDENTS).map((incident) => {
    const { openedAt, closedAt, why, acknowledgedBy } = incident;
    const end =
      closedAt === undefined
        ? `ongoing for ${spellDuration(now - openedAt)}`
        : `lasted ${spellDuration(closedAt - openedAt)}${why === "removed" ? ", until the target was removed" : ""}`;
    const who = people && acknowledgedBy !== undefined ? `, acknowledged by ${acknowledgedBy}` : "";
    return `<li>${escapeHtml(`${spellTime(openedAt)}: ${end}${who}`)}</li>`;
  });
  return (
    `${lines.length === 0 ? "<p>No alerts firing for this target.</p>" : renderAlerts(lines, now, target)}` +
    `<h2>Last 30 days</h2>${uptime === undefined ? "" : `<p>${escapeHtml(formatUptime(uptime))}</p>`}` +
    `${items.length === 0 ? "<p>No incidents.</p>" : `<ul>${items.join("")}</ul>`}`
  );
}
