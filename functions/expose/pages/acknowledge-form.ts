import { escapeHtml } from "../../lib/escape-html.ts";
import type { AcknowledgementDraft } from "../api/acknowledge-alert.ts";
import type { ActiveAlert } from "../api/alerting-port.ts";
import { type FieldIssue, MAX_AUTHOR, MAX_TEXT_LENGTH } from "../api/field-issue.ts";
import { alertLines, renderAlerts } from "./alert-line.ts";
import { type HtmlPage, htmlPage } from "./html-page.ts";
import { adminField, wrongList } from "./wrong-list.ts";

/** Where the form is, and where it posts to. */
export const ACKNOWLEDGE_PATH = "/alerts/acknowledge";

/** The form that acknowledges an alert, filled in with what was typed, and its issues. */
export const renderAcknowledgeForm = (
  { fingerprint, author, comment }: AcknowledgementDraft,
  issues: readonly FieldIssue[] = [],
): Promise<HtmlPage> =>
  htmlPage(
    "Acknowledge an alert",
    `${wrongList("The alert was not acknowledged", issues)}<p>An acknowledgement stops escalation and reminders until the alert resolves.</p>` +
      `<form method="post" action="${ACKNOWLEDGE_PATH}">` +
      `<label for="fingerprint">Fingerprint of the alert</label>` +
      `<input id="fingerprint" name="fingerprint" required spellcheck="false" value="${escapeHtml(fingerprint)}">` +
      `<label for="author">Your name</label>` +
      `<input id="author" name="author" required maxlength="${MAX_AUTHOR}" autocomplete="name" value="${escapeHtml(author)}">` +
      `<label for="comment">Comment<small>Optional.</small></label>` +
      `<textarea id="comment" name="comment" rows="2" maxlength="${MAX_TEXT_LENGTH}">\n${escapeHtml(comment)}</textarea>` +
      `${adminField("Acknowledge")}</form><p><a href="/alerts">Firing alerts</a></p>`,
    { form: true },
  );

/** The acknowledged alert; the first acknowledgement counts. `now`: epoch ms. */
export const renderAcknowledged = (alert: ActiveAlert, now: number): Promise<HtmlPage> =>
  htmlPage(
    `Acknowledged by ${alert.acknowledgement?.by ?? "nobody: it has already resolved"}`,
    `${renderAlerts(alertLines([alert], true, now), now)}<p><a href="/alerts">Firing alerts</a></p>`,
  );

/** Reads what was typed, or what a link fills the form in with. */
export const typedAcknowledgement = (fields: URLSearchParams): AcknowledgementDraft => ({
  fingerprint: fields.get("fingerprint") ?? "",
  author: fields.get("author") ?? "",
  comment: fields.get("comment") ?? "",
  startsAt: undefined,
});
