import { Problems } from "./problems.ts";

const ADDRESS = /^[^\s@<>]+@[^\s@<>]+$/;
/** Headers that Cloudflare's Email Service takes (its headers reference), and the one that Resend takes besides. */
const HEADERS = ["auto-submitted", "in-reply-to", "references", "importance", "message-id"];
const MOST_BYTES = 5 * 1024 * 1024;

/** What a provider would refuse of a mail in Resend's format, by the stricter of the two providers' limits. */
export function checkEmail(body: unknown, idempotencyKey: string | undefined): string[] {
  const problems = new Problems();
  const mail = problems.object(body, "body", [
    "from",
    "to",
    "reply_to",
    "replyTo",
    "subject",
    "text",
    "html",
    "headers",
  ]);
  if (!ADDRESS.test(problems.text(mail["from"], "from", 320))) problems.add("from is not an address");
  for (const to of problems.items(mail["to"], "to", 50))
    if (!ADDRESS.test(problems.text(to, "to", 320))) problems.add("to has an entry that is not an address");
  line(problems, problems.text(mail["subject"], "subject", 998), "subject");
  problems.text(mail["text"], "text", MOST_BYTES);
  checkHtml(problems, problems.text(mail["html"], "html", MOST_BYTES));
  if (new TextEncoder().encode(JSON.stringify(mail)).length > MOST_BYTES) problems.add("the e-mail is too large");
  let size = 0;
  for (const [name, value] of Object.entries(problems.object(mail["headers"], "headers"))) {
    if (!HEADERS.includes(name.toLowerCase())) problems.add(`header ${name} is not allowed`);
    line(problems, problems.text(value, `header ${name}`, 2_048), `header ${name}`);
    size += name.length + String(value).length + 4;
  }
  if (size > 16_384) problems.add("the headers are too large");
  if (idempotencyKey !== undefined && !/^[\u0021-\u007e]{1,256}$/.test(idempotencyKey))
    problems.add("the idempotency key is not valid");
  return problems.list;
}

/** One line, as a header must be. */
function line(problems: Problems, text: string, where: string): void {
  if (/\p{Cc}/u.test(text)) problems.add(`${where} has a control character`);
}

/** Elements that our mails are made of; any other came in with somebody's text. */
const ELEMENTS = ["html", "head", "meta", "title", "body", "h2", "h3", "p", "br", "table", "tr", "th", "td", "a"];

function checkHtml(problems: Problems, html: string): void {
  for (const [tag, name = ""] of html.matchAll(/<\/?([a-zA-Z0-9!]*)[^>]*>?/g)) {
    if (tag.toLowerCase() === "<!doctype html>") continue;
    if (!ELEMENTS.includes(name)) problems.add("html has markup that is not ours");
    if (/\son\w+\s*=|javascript:/i.test(tag)) problems.add("html has a script");
  }
  if (/&(?!(?:amp|lt|gt|quot|#39);)/.test(html)) problems.add("html has an ampersand that is not escaped");
}
