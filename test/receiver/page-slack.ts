import { escapeHtml } from "../../functions/lib/escape-html.ts";

interface Text {
  text?: string;
}
interface Block {
  type?: string;
  text?: Text;
  fields?: Text[];
  elements?: (Text & { url?: string; text?: Text | string })[];
}
interface SlackBody {
  text?: string;
  attachments?: { color?: string; blocks?: Block[] }[];
  blocks?: Block[];
}

/** A post as it looks in Slack, well enough to read. */
export function slackHtml(body: SlackBody): string {
  const bars = (body.attachments ?? []).map(
    ({ color, blocks }) =>
      `<div class="bar" style="border-color:${cssColour(color)}">${(blocks ?? []).map(blockHtml).join("")}</div>`,
  );
  return `<p>${mrkdwn(body.text ?? "")}</p>${(body.blocks ?? []).map(blockHtml).join("")}${bars.join("")}`;
}

const cssColour = (colour: string | undefined): string =>
  /^#[0-9a-f]{6}$/i.test(colour ?? "") ? (colour ?? "") : "#888";

function blockHtml({ type, text, fields, elements }: Block): string {
  if (type === "header") return `<h4>${escapeHtml(text?.text ?? "")}</h4>`;
  if (type === "context")
    return `<small>${(elements ?? []).map((e) => mrkdwn(String(e.text ?? ""))).join(" ")}</small>`;
  if (type === "actions") return `<div class="actions">${(elements ?? []).map(buttonHtml).join("")}</div>`;
  const cells = (fields ?? []).map((field) => `<div>${mrkdwn(field.text ?? "")}</div>`).join("");
  return `${text === undefined ? "" : `<p>${mrkdwn(text.text ?? "")}</p>`}${cells === "" ? "" : `<div class="fields">${cells}</div>`}`;
}

function buttonHtml({ url, text }: { url?: string; text?: Text | string }): string {
  const label = typeof text === "string" ? text : (text?.text ?? "");
  const href = /^https?:/.test(url ?? "") ? (url ?? "") : "#";
  return `<a class="button" href="${escapeHtml(href)}">${escapeHtml(label)}</a>`;
}

/** Slack's markup, as far as we send it: links, bold, line ends, and its three escapes. */
function mrkdwn(text: string): string {
  const plain = (part: string): string =>
    escapeHtml(part.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&"))
      .replace(/(^|\n)\*([^*\n]+)\*(?=\n|$)/g, "$1<b>$2</b>")
      .replaceAll("\n", "<br>");
  return text
    .split(/(<[^<>]*>)/)
    .map((part) => {
      const link = /^<(https?:[^|>]*)(?:\|(.*))?>$/.exec(part);
      return link === null ? plain(part) : `<a href="${plain(link[1] ?? "")}">${plain(link[2] ?? link[1] ?? "")}</a>`;
    })
    .join("");
}
