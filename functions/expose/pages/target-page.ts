import type { Uptime } from "../../evaluate/verdict/uptime.ts";
import { escapeHtml } from "../../lib/html-escape.ts";
import { spellDuration, spellTime } from "../../lib/spell-time.ts";
import type { Incident } from "../../model/alerting/incident.ts";
import type { State } from "../../model/probing/verdict.ts";
import { silenceLink } from "../../notify/message/links.ts";
import type { ActiveAlert } from "../api/alerting-port.ts";
import { alertLines, renderAlerts } from "./alert-line.ts";
import { type HtmlPage, htmlPage } from "./html-page.ts";
import { tokenForm } from "./reader-gate.ts";
import type { ProbeView, TargetView, VantageView } from "./target-view.ts";

/** What the page is made of. */
export interface TargetPage {
  target: string;
  /** Undefined where nobody watches it now. */
  view: TargetView | undefined;
  /** Undefined where the Alerter gave no answer. */
  alertsPart:
    | { alerts: readonly ActiveAlert[]; incidents: readonly Incident[]; uptime: Uptime | undefined }
    | undefined;
  /** What is wrong with probing as a whole, if anything is. */
  trouble: string | undefined;
  /** Names and words of people may be shown. */
  people: boolean;
  /** Epoch ms. */
  now: number;
}

const WORDS: Readonly<Record<State, string>> = {
  up: "works",
  degraded: "works, but slowly or in part",
  regional: "fails from some places",
  down: "is down",
  unknown: "is not known: too few answers yet, or too old ones",
};

const STALE = " This is stale: the prober has had no result for three intervals or longer, and is at fault itself.";

const SHOWN_INCIDENTS = 10;

/** How a target is, what fires for it, and when it was down. */
export function renderTargetPage(page: TargetPage): Promise<HtmlPage> {
  const { target, view, alertsPart, trouble, people, now } = page;
  const isDown = view?.incidentOpen === true && view.state !== "down";
  const parts = [
    `<p>As of ${spellTime(now)}. <a href="/alerts">All alerts</a> &middot; <a href="/runbooks">Runbooks</a>${silenceAnchor(target)}</p>`,
    trouble === undefined ? "" : `<div class="wrong"><p>What is below may be old: ${escapeHtml(trouble)}</p></div>`,
    view === undefined
      ? "<p>It is not watched now: it is not in the configuration, or its Monitor gave no answer.</p>"
      : `<p>The target ${WORDS[view.state]}.${isDown ? " It was down, and has not recovered for long enough." : ""}${view.isStale ? STALE : ""}</p>${probeTable(view, now)}`,
    alertsPart === undefined
      ? "<p>The Alerter gave no answer, so what fires is not known.</p>"
      : renderAlertsPart(target, alertsPart, people, now),
    people ? "" : `<p>Names are shown with a token.</p>${tokenForm(`/targets/${encodeURIComponent(target)}`, "Show")}`,
  ];
  return htmlPage(target, parts.join(""), { form: !people });
}

function silenceAnchor(target: string): string {
  const origin = "https://here.invalid";
  const path = silenceLink(origin, { target })?.slice(origin.length);
  return path === undefined ? "" : ` &middot; <a href="${escapeHtml(path)}">Silence all of it</a>`;
}

function probeTable(view: TargetView, now: number): string {
  const rows = view.probes.map((probe) => {
    const cells = [probe.probe, formatProbe(probe), probe.vantages.map((one) => formatVantage(one, now)).join("\n")];
    return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell).replaceAll("\n", "<br>")}</td>`).join("")}</tr>`;
  });
  const failures = view.probes.flatMap(({ probe, failures: all }) =>
    all.map(
      ({ words, count }) => `<li>${escapeHtml(`${probe}: ${words}, ${count} ${count === 1 ? "time" : "times"}`)}</li>`,
    ),
  );
  return (
    `<table><tr><th>Probe</th><th>Now</th><th>Last run</th></tr>${rows.join("")}</table>` +
    (failures.length === 0
      ? ""
      : `<h2>Failures since ${spellTime(view.countedSince)}</h2><ul>${failures.join("")}</ul>`)
  );
}

const formatProbe = ({ state, incidentOpen }: ProbeView): string =>
  `${WORDS[state]}${incidentOpen && state !== "down" ? "; it was down, and has not recovered for long enough" : ""}`;

function formatVantage({ vantage, succeeded, at }: VantageView, now: number): string {
  if (at === undefined || succeeded === undefined) return `${vantage}: none yet`;
  return `${vantage}: ${succeeded ? "succeeded" : "failed"} ${spellDuration(now - at)} ago`;
}

/** Rounded down, so that 100 % means that it was never down. */
function formatUptime({ ratio, downMs, countedMs }: Uptime): string {
  if (ratio === undefined) return "No time counts towards its uptime yet.";
  const percent = Math.floor(ratio * 100_000) / 1_000;
  return `Up ${percent} % of ${spellDuration(countedMs)}, down ${downMs === 0 ? "never" : `for ${spellDuration(downMs)}`}; planned work and unknown times left out.`;
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
        ? `goes on for ${spellDuration(now - openedAt)}`
        : `lasted ${spellDuration(closedAt - openedAt)}${why === "removed" ? ", until it was not watched any more" : ""}`;
    const who = people && acknowledgedBy !== undefined ? `, acknowledged by ${acknowledgedBy}` : "";
    return `<li>${escapeHtml(`${spellTime(openedAt)}: ${end}${who}`)}</li>`;
  });
  return (
    `${lines.length === 0 ? "<p>Nothing fires for it.</p>" : renderAlerts(lines, now, target)}` +
    `<h2>The last 30 days</h2>${uptime === undefined ? "" : `<p>${escapeHtml(formatUptime(uptime))}</p>`}` +
    `${items.length === 0 ? "<p>No incidents.</p>" : `<ul>${items.join("")}</ul>`}`
  );
}
