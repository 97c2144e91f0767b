import { escapeHtml } from "../../lib/escape-html.ts";
import { spellTime } from "../../lib/spell-time.ts";
import { printMatcher } from "../../model/alerting/parse-matchers.ts";
import { silenceEnd } from "../../notify/policy/windows/silence-state.ts";
import type { AddedSilence } from "../api/add-silence.ts";
import { type FieldIssue, MAX_AUTHOR, MAX_TEXT_LENGTH } from "../api/field-issue.ts";
import { type HtmlPage, htmlPage } from "./html-page.ts";
import { DURATIONS, type TypedSilence } from "./silence-draft.ts";
import { adminField, wrongList } from "./wrong-list.ts";

/** Where the form is, and where it posts to. */
export const SILENCE_FORM_PATH = "/silences/new";

/** The form, filled in with what was typed, and its issues. */
export function renderSilenceForm(typed: TypedSilence, issues: readonly FieldIssue[] = []): Promise<HtmlPage> {
  const chosen = DURATIONS.includes(typed.duration) ? DURATIONS : [typed.duration, ...DURATIONS];
  const options = chosen.map((duration) => {
    const value = escapeHtml(duration);
    return `<option value="${value}"${duration === typed.duration ? " selected" : ""}>${value}</option>`;
  });
  return htmlPage(
    "New silence",
    `${wrongList("The silence was not created", issues)}<form method="post" action="${SILENCE_FORM_PATH}">` +
      `<label for="matchers">Matchers<small>Such as <code>target="cas-eu", alertname=~"ZakoProbe.*"</code>. An alert must match all of them.</small></label>` +
      // The parser of HTML drops a line end at the very beginning.
      `<textarea id="matchers" name="matchers" rows="5" required spellcheck="false">\n${escapeHtml(typed.matchers)}</textarea>` +
      `<label for="duration">Duration</label><select id="duration" name="duration">${options.join("")}</select>` +
      `<label for="author">Your name</label>` +
      `<input id="author" name="author" required maxlength="${MAX_AUTHOR}" autocomplete="name" value="${escapeHtml(typed.author)}">` +
      `<label for="reason">Reason<small>For others who see the silence.</small></label>` +
      `<textarea id="reason" name="reason" rows="3" required maxlength="${MAX_TEXT_LENGTH}">\n${escapeHtml(typed.reason)}</textarea>` +
      `<label><input type="checkbox" name="maintenance"${typed.maintenance ? " checked" : ""}> Maintenance<small>The time does not count as downtime.</small></label>` +
      `${adminField("Silence")}</form><p><a href="/alerts">Firing alerts</a></p>`,
    { form: true },
  );
}

/** The silence that was created, and how to expire it. */
export function renderAddedSilence({ silence, matched }: AddedSilence): Promise<HtmlPage> {
  const fires =
    matched === 0
      ? "It matches no firing alert. If it is meant for one, check the matchers."
      : `It matches ${matched} firing ${matched === 1 ? "alert" : "alerts"}. Receivers that were already notified still get the resolve.`;
  const rows = [
    ["Matchers", silence.matchers.map((matcher) => `<code>${escapeHtml(printMatcher(matcher))}</code>`).join(" and ")],
    ["Until", escapeHtml(spellTime(silenceEnd(silence)))],
    ["Author", escapeHtml(silence.author)],
    ["Reason", escapeHtml(silence.reason).replaceAll("\n", "<br>")],
    ...(silence.maintenance ? [["Maintenance", "does not count as downtime"]] : []),
    ["Id", `<code>${escapeHtml(silence.id)}</code>`],
  ];
  return htmlPage(
    "Silence created",
    `<p>${fires}</p><table>${rows.map(([name, value]) => `<tr><th>${name}</th><td>${value}</td></tr>`).join("")}</table>` +
      `<p>To expire it early:</p><pre>npm run cli -- silence expire ${escapeHtml(silence.id)}</pre>` +
      `<p><a href="/alerts">Firing alerts</a></p>`,
  );
}
