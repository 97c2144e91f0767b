import { escapeHtml } from "../../lib/escape-html.ts";
import { spellTime } from "../../lib/spell-time.ts";
import { SEVERITIES, severityOf } from "../../model/alerting/alert.ts";
import { maintenanceLabels, type PlannedWork } from "../../model/alerting/maintenance.ts";
import { printMatcher } from "../../model/alerting/parse-matchers.ts";
import { formatWhy } from "../../notify/policy/format-why.ts";
import { activeMaintenance } from "../../notify/policy/windows/maintenance.ts";
import { silenceEnd } from "../../notify/policy/windows/silence-state.ts";
import type { ActiveAlert, ListedSilence } from "../api/alerting-port.ts";
import { alertLines, renderAlerts } from "./alert-line.ts";
import { type HtmlPage, htmlPage } from "./html-page.ts";
import { tokenForm } from "./reader-gate.ts";
import { SILENCE_FORM_PATH } from "./silence-form.ts";

/** Input of the page. */
export interface AlertsPage {
  alerts: readonly ActiveAlert[];
  silences: readonly ListedSilence[];
  /** Maintenance of the configuration. */
  planned: PlannedWork;
  /** The reader may see names and comments of people. */
  people: boolean;
  /** Epoch ms. */
  now: number;
}

/** The firing alerts, worst first, with who was notified, and the silences in force. */
export function renderAlertsPage({ alerts, silences, planned, people, now }: AlertsPage): Promise<HtmlPage> {
  const rank = ({ labels }: ActiveAlert): number => SEVERITIES.indexOf(severityOf(labels));
  const lines = alertLines(
    alerts.toSorted((a, b) => rank(a) - rank(b)),
    people,
    now,
  );
  const current = silences.filter(({ state, expiredReason }) => state !== "expired" || expiredReason !== undefined);
  return htmlPage(
    lines.length === 0 ? "No alerts firing" : `${lines.length} ${lines.length === 1 ? "alert" : "alerts"} firing`,
    `<p>As of ${spellTime(now)}. <a href="${SILENCE_FORM_PATH}">New silence</a> &middot; <a href="/runbooks">Runbooks</a></p>` +
      `${renderAlerts(lines, now)}${maintenanceList(planned, now)}<h2>Silences</h2>${current.length === 0 ? "<p>No silences.</p>" : silenceTable(current, people)}` +
      (people
        ? ""
        : `<h2>Names and reasons</h2><p>Enter a token to see who silenced or acknowledged what, and why.</p>${tokenForm("/alerts", "Show")}`),
    { form: !people },
  );
}

function whenItEnds(silence: ListedSilence): string {
  const end = spellTime(silenceEnd(silence));
  return silence.expiredReason === undefined ? `until ${end}` : `expired at ${end}. ${silence.expiredReason}`;
}

/** The targets that are in maintenance now, by its name. */
function maintenanceList(planned: PlannedWork, now: number): string {
  const targets = planned.targets.flatMap(({ name }) => {
    const active = activeMaintenance(planned.windows, maintenanceLabels(planned, name), now);
    return active === undefined ? [] : [{ name, why: formatWhy(active.name, active.until) }];
  });
  const items = [...Map.groupBy(targets, ({ why }) => why)].map(
    ([why, all]) => `<li>${escapeHtml(`${why}: ${all.map(({ name }) => name).join(", ")}`)}</li>`,
  );
  return items.length === 0 ? "" : `<h2>In maintenance</h2><ul>${items.join("")}</ul>`;
}

function silenceTable(silences: readonly ListedSilence[], people: boolean): string {
  const rows = silences
    .toSorted((a, b) => silenceEnd(a) - silenceEnd(b))
    .map((silence) => {
      const from = silence.state === "pending" ? `from ${spellTime(silence.startsAt)} ` : "";
      const who = people ? [silence.author, silence.reason] : [];
      return [
        silence.matchers.map((matcher) => `<code>${escapeHtml(printMatcher(matcher))}</code>`).join(" "),
        escapeHtml(`${from}${whenItEnds(silence)}${silence.maintenance ? ", maintenance" : ""}`),
        ...who.map(escapeHtml),
        `<code>${escapeHtml(silence.id)}</code>`,
      ];
    });
  const head = ["Matchers", "When", ...(people ? ["Author", "Reason"] : []), "Id"];
  return (
    `<table><tr>${head.map((name) => `<th>${name}</th>`).join("")}</tr>` +
    `${rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`).join("")}</table>`
  );
}
