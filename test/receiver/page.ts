import { escapeHtml } from "../../functions/lib/escape-html.ts";
import { CHANNELS, type ReceiverChannel } from "./channels.ts";
import type { ReceiverFault } from "./faults.ts";
import type { Entry, Inbox, Incident } from "./inbox.ts";
import { slackHtml } from "./page-slack.ts";

const NAMES: Record<ReceiverChannel, string> = {
  slack: "Slack",
  email: "E-mail",
  pagerduty: "PagerDuty",
  webhook: "Webhook",
};
const MOST_SHOWN = 30;

const STYLE = `
body { font: 14px/1.45 system-ui, sans-serif; margin: 16px; background: #f4f4f5; color: #1d1c1d; }
h1 { font-size: 18px; } h2 { font-size: 16px; margin: 0 0 8px; } h3 { font-size: 14px; margin: 0; } h4 { margin: 2px 0; font-size: 15px; }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 16px; align-items: start; }
section { background: #fff; border: 1px solid #ddd; border-radius: 8px; padding: 12px; min-width: 0; overflow-wrap: anywhere; }
article { border-top: 1px solid #eee; padding: 8px 0; } p { margin: 4px 0; } small, .when { color: #616061; font-size: 12px; }
.bar { border-left: 4px solid; padding-left: 10px; margin: 6px 0; } .fields { display: grid; grid-template-columns: 1fr 1fr; gap: 6px 12px; }
.button { display: inline-block; border: 1px solid #bbb; border-radius: 4px; padding: 2px 10px; margin: 6px 6px 0 0; color: inherit; text-decoration: none; font-weight: 600; }
pre { white-space: pre-wrap; background: #fafafa; border: 1px solid #eee; padding: 8px; max-height: 320px; overflow: auto; font-size: 12px; }
iframe { width: 100%; height: 320px; border: 1px solid #eee; background: #fff; }
table { border-collapse: collapse; width: 100%; } td:first-child, td:nth-child(2), th { white-space: nowrap; } td, th { text-align: left; padding: 4px 6px; border-top: 1px solid #eee; vertical-align: top; }
.triggered { color: #b71c1c; font-weight: 700; } .acknowledged { color: #b26a00; font-weight: 700; } .resolved { color: #2e7d32; font-weight: 700; }
.wrong { background: #fdecea; color: #b71c1c; padding: 4px 8px; border-radius: 4px; } .none { color: #888; }
`;

/** Every request received, newest first, as people would see it. */
export function renderPage(inbox: Inbox, faults: readonly ReceiverFault[], now: number): string {
  const wrong = inbox.entries.filter(({ problems }) => problems.length > 0).length;
  const state = [
    `${inbox.entries.length} ${inbox.entries.length === 1 ? "request" : "requests"}`,
    wrong === 0 ? "all valid" : `${wrong} refused`,
    faults.length === 0
      ? "no faults"
      : `faults: ${faults.map(({ name, channel }) => `${name}${channel ? ` (${channel})` : ""}`).join(", ")}`,
  ];
  const sections = CHANNELS.map((channel) => {
    const entries = inbox.entries.filter((entry) => entry.channel === channel).reverse();
    const incidents = channel === "pagerduty" ? incidentsHtml([...inbox.incidents.values()], now) : "";
    const articles = entries.slice(0, MOST_SHOWN).map((entry) => articleHtml(entry, now));
    const body = articles.length === 0 ? '<p class="none">Nothing yet.</p>' : articles.join("");
    return `<section id="${channel}"><h2>${NAMES[channel]} <small>${entries.length}</small></h2>${incidents}${body}</section>`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">
<title>Notifications sent</title><style>${STYLE}</style></head><body>
<h1>Notifications sent</h1><p>${escapeHtml(state.join(" · "))} · <a href="/messages">/messages</a> · <a href="/faults">/faults</a></p>
<main>${sections.join("\n")}</main></body></html>\n`;
}

const ago = (at: number, now: number): string =>
  `${new Date(at).toISOString().slice(11, 19)} UTC, ${Math.round((now - at) / 1_000)} s ago`;

function articleHtml(entry: Entry, now: number): string {
  const repeat = entry.repeat ? " · <b>repeat</b>: notifies nobody again" : "";
  const wrong =
    entry.problems.length === 0 ? "" : `<p class="wrong">refused: ${escapeHtml(entry.problems.join("; "))}</p>`;
  return `<article><p class="when">${ago(entry.at, now)} · ${escapeHtml(entry.id)}${repeat}</p>${wrong}${bodyHtml(entry)}</article>`;
}

function bodyHtml({ channel, body, headers }: Entry): string {
  if (typeof body !== "object" || body === null) return `<pre>${escapeHtml(String(body))}</pre>`;
  switch (channel) {
    case "slack":
      return slackHtml(body);
    case "email":
      return mailHtml(body as Mail);
    case "pagerduty": {
      const { event_action, dedup_key } = body as { event_action?: string; dedup_key?: string };
      return `<details><summary>${escapeHtml(`${event_action} ${dedup_key}`)}</summary>${json(body)}</details>`;
    }
    case "webhook": {
      const { status, alerts } = body as { status?: string; alerts?: unknown[] };
      const signed = headers["webhook-signature"] === undefined ? "not signed" : "signature verified";
      return `<details><summary><b>${escapeHtml(`${status}, ${alerts?.length} ${alerts?.length === 1 ? "alert" : "alerts"}`)}</b> · ${signed}</summary>${json(body)}</details>`;
    }
  }
}

const json = (body: unknown): string => `<pre>${escapeHtml(JSON.stringify(body, null, 2))}</pre>`;

interface Mail {
  from?: string;
  to?: string[];
  subject?: string;
  text?: string;
  html?: string;
}

function mailHtml({ from, to, subject, text, html }: Mail): string {
  return `<h3>${escapeHtml(subject ?? "")}</h3><p class="when">${escapeHtml(`${from} to ${to?.join(", ")}`)}</p>
<pre>${escapeHtml(text ?? "")}</pre><details><summary>as HTML</summary><iframe sandbox srcdoc="${escapeHtml(html ?? "")}"></iframe></details>`;
}

function incidentsHtml(incidents: readonly Incident[], now: number): string {
  if (incidents.length === 0) return "";
  const rows = [...incidents]
    .sort((a, b) => b.changedAt - a.changedAt)
    .slice(0, MOST_SHOWN)
    .map(
      ({ state, severity, summary, changedAt, events, key }) =>
        `<tr><td class="${state}">${state}</td><td>${escapeHtml(severity)}</td><td>${escapeHtml(summary)}<br><small>${escapeHtml(key)}</small></td>` +
        `<td>${ago(changedAt, now)}<br><small>${events} ${events === 1 ? "event" : "events"}</small></td></tr>`,
    );
  return `<table><tr><th>State</th><th>Severity</th><th>Incident</th><th>Changed</th></tr>${rows.join("")}</table>`;
}
