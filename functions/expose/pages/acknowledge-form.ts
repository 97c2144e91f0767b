import { escapeHtml } from "../../lib/escape-html.ts";
import type { AcknowledgementDraft } from "../api/acknowledge-alert.ts";
import type { ActiveAlert } from "../api/alerting-port.ts";
import { type FieldIssue, MAX_AUTHOR, MAX_TEXT_LENGTH } from "../api/field-issue.ts";
import { alertLines, renderAlerts } from "./alert-line.ts";
import { type HtmlPage, htmlPage } from "./html-page.ts";
import { adminField, wrongList } from "./wrong-list.ts";

/** Where the form is, and where it posts to. */
export const ACKNOWLEDGE_PATH = "/alerts/acknowledge";

/** The form that takes an alert on, filled in with what was typed, and all that is wrong with it. */
export const renderAcknowledgeForm = (
  { fingerprint, author, comment }: AcknowledgementDraft,
  issues: readonly FieldIssue[] = [],
): Promise<HtmlPage> =>
  htmlPage(
    "Acknowledge an alert",
    `${wrongList("Nothing was acknowledged", issues)}<p>It says that you are on it: escalation stops until the alert ends.</p>` +
      `<form method="post" action="${ACKNOWLEDGE_PATH}">` +
      `<label for="fingerprint">Fingerprint of the alert</label>` +
      `<input id="fingerprint" name="fingerprint" required spellcheck="false" value="${escapeHtml(fingerprint)}">` +
      `<label for="author">Your name</label>` +
      `<input id="author" name="author" required maxlength="${MAX_AUTHOR}" autocomplete="name" value="${escapeHtml(author)}">` +
      `<label for="comment">Comment<small>If there is something to say to the others.</small></label>` +
      `<textarea id="comment" name="comment" rows="2" maxlength="${MAX_TEXT_LENGTH}">\n${escapeHtml(comment)}</textarea>` +
      `${adminField("Acknowledge")}</form><p><a href="/alerts">What fires now</a></p>`,
    { form: true },
  );

/** The alert that was taken on, by whoever was first. `now`: epoch ms. */
export const renderAcknowledged = (alert: ActiveAlert, now: number): Promise<HtmlPage> =>
  htmlPage(
    `Acknowledged by ${alert.acknowledgement?.by ?? "nobody: it has just ended"}`,
    `${renderAlerts(alertLines([alert], true, now), now)}<p><a href="/alerts">What fires now</a></p>`,
  );

/** Reads what was typed, or what a link fills the form in with. */
export const typedAcknowledgement = (fields: URLSearchParams): AcknowledgementDraft => ({
  fingerprint: fields.get("fingerprint") ?? "",
  author: fields.get("author") ?? "",
  comment: fields.get("comment") ?? "",
  startsAt: undefined,
});
