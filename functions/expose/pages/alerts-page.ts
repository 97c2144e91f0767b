import { escapeHtml } from "../../lib/html-escape.ts";
import { spellTime } from "../../lib/spell-time.ts";
import { printMatcher } from "../../model/alerting/parse-matchers.ts";
import { silenceEnd } from "../../notify/policy/silence-state.ts";
import type { ActiveAlert, ListedSilence } from "../api/alerting-port.ts";
import { alertLines, renderAlerts } from "./alert-line.ts";
import { type HtmlPage, htmlPage } from "./html-page.ts";
import { tokenForm } from "./reader-gate.ts";
import { SILENCE_FORM_PATH } from "./silence-form.ts";

/** What the page is made of. */
export interface AlertsPage {
  alerts: readonly ActiveAlert[];
  silences: readonly ListedSilence[];
  /** Names and words of people may be shown. */
  people: boolean;
  /** Epoch ms. */
  now: number;
}

const BADNESS = ["critical", "warning", "info"];

/** Everything that fires, the worst first, who was told, and what is silenced. */
export function renderAlertsPage({ alerts, silences, people, now }: AlertsPage): Promise<HtmlPage> {
  const rank = ({ labels }: ActiveAlert): number => {
    const at = BADNESS.indexOf(labels["severity"] ?? "");
    return at < 0 ? BADNESS.length : at;
  };
  const lines = alertLines(
    alerts.toSorted((a, b) => rank(a) - rank(b)),
    people,
    now,
  );
  const current = silences.filter(({ state, expiredReason }) => state !== "expired" || expiredReason !== undefined);
  return htmlPage(
    lines.length === 0 ? "Nothing fires" : `${lines.length} ${lines.length === 1 ? "alert fires" : "alerts fire"}`,
    `<p>As of ${spellTime(now)}. <a href="${SILENCE_FORM_PATH}">Silence alerts</a> &middot; <a href="/runbooks">Runbooks</a></p>` +
      `${renderAlerts(lines, now)}<h2>Silences</h2>${current.length === 0 ? "<p>There are none.</p>" : silenceTable(current, people)}` +
      (people
        ? ""
        : `<h2>Who, and why</h2><p>Names and reasons are shown with a token.</p>${tokenForm("/alerts", "Show")}`),
    { form: !people },
  );
}

function whenItEnds(silence: ListedSilence): string {
  const end = spellTime(silenceEnd(silence));
  return silence.expiredReason === undefined ? `until ${end}` : `expired at ${end}. ${silence.expiredReason}`;
}

function silenceTable(silences: readonly ListedSilence[], people: boolean): string {
  const rows = silences
    .toSorted((a, b) => silenceEnd(a) - silenceEnd(b))
    .map((silence) => {
      const from = silence.state === "pending" ? `from ${spellTime(silence.startsAt)} ` : "";
      const who = people ? [silence.author, silence.reason] : [];
      return [
        silence.matchers.map((matcher) => `<code>${escapeHtml(printMatcher(matcher))}</code>`).join(" "),
        escapeHtml(`${from}${whenItEnds(silence)}${silence.maintenance ? ", planned work" : ""}`),
        ...who.map(escapeHtml),
        `<code>${escapeHtml(silence.id)}</code>`,
      ];
    });
  const head = ["Mutes", "When", ...(people ? ["By", "Why"] : []), "Id"];
  return (
    `<table><tr>${head.map((name) => `<th>${name}</th>`).join("")}</tr>` +
    `${rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`).join("")}</table>`
  );
}
