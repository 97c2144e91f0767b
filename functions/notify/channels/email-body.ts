import { escapeHtml } from "../../lib/escape-html.ts";
import { shorten } from "../../lib/shorten.ts";
import type { Message } from "../../model/alerting/message.ts";
import { groupHash, messageKey } from "../message/message-key.ts";
import { type AlertText, type MessageText, renderMessage } from "../message/render-message.ts";

/** A mail, as far as both providers need the same. */
export interface Mail {
  /** One line, printable. */
  subject: string;
  text: string;
  html: string;
  /** Headers that the platform's binding takes too; it refuses to be told a `Message-ID`. */
  headers: Readonly<Record<string, string>>;
  /** In angle brackets; the same on every try. */
  messageId: string;
}

const MOST_ALERTS = 50;
/** Below the 998 of RFC 5322 also where every character is encoded, and as much as anybody reads. */
const LONGEST_SUBJECT = 200;
const COLOURS: Record<MessageText["tone"], string> = {
  critical: "#d32f2f",
  warning: "#f9a825",
  info: "#1976d2",
  resolved: "#2e7d32",
  drill: "#757575",
};

/**
 * Renders a message as an e-mail. All e-mails of a group reply to one that was never sent, so mail clients show them as
 * one thread in any order. `Auto-Submitted` keeps vacation replies away.
 */
export function renderMail(message: Message, from: string): Mail {
  const words = renderMessage(message, MOST_ALERTS);
  const domain = from.slice(from.lastIndexOf("@") + 1);
  const notificationGroup = `<zako-watch.${groupHash(message)}@${domain}>`;
  const urgent = words.tone === "critical";
  return {
    subject: shorten(words.title, LONGEST_SUBJECT),
    text: mailText(words),
    html: mailHtml(words),
    headers: {
      "Auto-Submitted": "auto-generated",
      "In-Reply-To": notificationGroup,
      References: notificationGroup,
      ...(urgent ? { Importance: "high" } : {}),
    },
    messageId: `<${messageKey(message)}.${groupHash(message)}@${domain}>`,
  };
}

function mailText({ title, note, alerts, more, unchanged }: MessageText): string {
  const parts = alerts.map((alert) =>
    [
      ...(alert.title === "" ? [] : [alert.title]),
      ...(alert.description === "" ? [] : [alert.description]),
      "",
      ...alert.lines.map(({ name, text }) => `  ${name}: ${text}`),
      ...alert.links.map(({ text, url }) => `  ${text}: ${url}`),
    ].join("\n"),
  );
  return `${[title, note, ...parts, more, unchanged].filter((part) => part !== "").join("\n\n")}\n\n-- \nzako-watch\n`;
}

function mailHtml({ title, note, tone, alerts, more, unchanged }: MessageText): string {
  const paragraph = (text: string): string => (text === "" ? "" : `<p>${escapeHtml(text)}</p>`);
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>',
    escapeHtml(title),
    '</title></head><body style="font-family:sans-serif;font-size:15px;color:#202124">',
    `<h2 style="border-left:6px solid ${COLOURS[tone]};padding-left:10px">${escapeHtml(title)}</h2>`,
    paragraph(note),
    ...alerts.map(alertHtml),
    paragraph(more),
    paragraph(unchanged),
    "</body></html>",
  ].join("\n");
}

function alertHtml({ title, description, lines, links }: AlertText): string {
  const cell = 'style="padding:2px 12px 2px 0;vertical-align:top"';
  const rows = lines.map(
    ({ name, text }) =>
      `<tr><th align="left" ${cell}>${escapeHtml(name)}</th><td ${cell}>${escapeHtml(text)}</td></tr>`,
  );
  const anchors = links.map(({ text, url }) => `<a href="${escapeHtml(url)}">${escapeHtml(text)}</a>`);
  return [
    title === "" ? "" : `<h3>${escapeHtml(title)}</h3>`,
    description === "" ? "" : `<p>${escapeHtml(description).replaceAll("\n", "<br>")}</p>`,
    `<table>${rows.join("")}</table>`,
    anchors.length === 0 ? "" : `<p>${anchors.join(" · ")}</p>`,
  ].join("\n");
}
