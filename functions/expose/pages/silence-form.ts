import { escapeHtml } from "../../lib/escape-html.ts";
import { spellTime } from "../../lib/spell-time.ts";
import { printMatcher } from "../../model/alerting/parse-matchers.ts";
import { silenceEnd } from "../../notify/policy/silence-state.ts";
import type { AddedSilence } from "../api/add-silence.ts";
import { type FieldIssue, MAX_AUTHOR, MAX_TEXT_LENGTH } from "../api/field-issue.ts";
import { type HtmlPage, htmlPage } from "./html-page.ts";
import { DURATIONS, type TypedSilence } from "./silence-draft.ts";
import { adminField, wrongList } from "./wrong-list.ts";

/** Where the form is, and where it posts to. */
export const SILENCE_FORM_PATH = "/silences/new";

/** The form, filled in with what was typed, and all that is wrong with it. */
export function renderSilenceForm(typed: TypedSilence, issues: readonly FieldIssue[] = []): Promise<HtmlPage> {
  const chosen = DURATIONS.includes(typed.duration) ? DURATIONS : [typed.duration, ...DURATIONS];
  const options = chosen.map((duration) => {
    const value = escapeHtml(duration);
    return `<option value="${value}"${duration === typed.duration ? " selected" : ""}>${value}</option>`;
  });
  return htmlPage(
    "Silence alerts",
    `${wrongList("Nothing was silenced", issues)}<form method="post" action="${SILENCE_FORM_PATH}">` +
      `<label for="matchers">Alerts to mute<small>Such as <code>target="cas-eu", alertname=~"ZakoProbe.*"</code>; all must hold. What is left out holds for more alerts.</small></label>` +
      // The parser of HTML drops a line end at the very beginning.
      `<textarea id="matchers" name="matchers" rows="5" required spellcheck="false">\n${escapeHtml(typed.matchers)}</textarea>` +
      `<label for="duration">For</label><select id="duration" name="duration">${options.join("")}</select>` +
      `<label for="author">Your name</label>` +
      `<input id="author" name="author" required maxlength="${MAX_AUTHOR}" autocomplete="name" value="${escapeHtml(typed.author)}">` +
      `<label for="reason">Why<small>For whoever wonders at the silence.</small></label>` +
      `<textarea id="reason" name="reason" rows="3" required maxlength="${MAX_TEXT_LENGTH}">\n${escapeHtml(typed.reason)}</textarea>` +
      `<label><input type="checkbox" name="maintenance"${typed.maintenance ? " checked" : ""}> Planned work<small>The time is left out of uptime too.</small></label>` +
      `${adminField("Silence")}</form><p><a href="/alerts">What fires now</a></p>`,
    { form: true },
  );
}

/** What was made, and how to take it back. */
export function renderAddedSilence({ silence, matched }: AddedSilence): Promise<HtmlPage> {
  const fires =
    matched === 0
      ? "Nothing that fires now matches it. If it was made for an alert that fires, look at the matchers again."
      : `It mutes ${matched === 1 ? "one alert" : `${matched} alerts`} that ${matched === 1 ? "fires" : "fire"} now. Whoever was told already is still told of the end.`;
  const rows = [
    ["Mutes", silence.matchers.map((matcher) => `<code>${escapeHtml(printMatcher(matcher))}</code>`).join(" and ")],
    ["Until", escapeHtml(spellTime(silenceEnd(silence)))],
    ["By", escapeHtml(silence.author)],
    ["Why", escapeHtml(silence.reason).replaceAll("\n", "<br>")],
    ...(silence.maintenance ? [["Planned work", "left out of uptime"]] : []),
    ["Id", `<code>${escapeHtml(silence.id)}</code>`],
  ];
  return htmlPage(
    "Silenced",
    `<p>${fires}</p><table>${rows.map(([name, value]) => `<tr><th>${name}</th><td>${value}</td></tr>`).join("")}</table>` +
      `<p>To end it sooner:</p><pre>npm run cli -- silence expire ${escapeHtml(silence.id)}</pre>` +
      `<p><a href="/alerts">What fires now</a></p>`,
  );
}
