import { Problems } from "./problems.ts";

/** All blocks of a message together; past it Slack answers `msg_blocks_too_long`. */
const MOST_BLOCKS_CHARACTERS = 13_000;

/** Mentions stand before everything else. */
const MENTIONS = /^(?:<(?:@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!here|!channel)> )+/;

/** What Slack would refuse or show wrongly of an incoming webhook's body (Block Kit reference, docs.slack.dev). */
export function checkSlack(body: unknown): string[] {
  const problems = new Problems();
  const message = problems.object(body, "body", ["text", "attachments", "blocks", "channel"]);
  const text = problems.text(message["text"], "text", 4_000);
  markup(problems, text.replace(MENTIONS, ""), "text");
  if (message["channel"] !== undefined && !/^(#[^A-Z\s]+|[CG][A-Z0-9]+)$/.test(String(message["channel"])))
    problems.add("channel is neither a name nor an ID");
  const blocks = [...(Array.isArray(message["blocks"]) ? message["blocks"] : [])];
  for (const value of problems.items(message["attachments"], "attachments", 20)) {
    const attachment = problems.object(value, "attachment", ["color", "fallback", "blocks"]);
    if (!/^#[0-9a-f]{6}$/.test(String(attachment["color"]))) problems.add("color is not #rrggbb");
    problems.text(attachment["fallback"], "fallback", 4_000);
    blocks.push(...problems.items(attachment["blocks"], "blocks", 50));
  }
  if (blocks.length > 50) problems.add(`${blocks.length} blocks, at most 50 are allowed`);
  const size = JSON.stringify(blocks).length;
  if (size > MOST_BLOCKS_CHARACTERS) problems.add(`the blocks have ${size} characters together`);
  for (const block of blocks) checkBlock(problems, problems.object(block, "block"));
  return problems.list;
}

function checkBlock(problems: Problems, block: Record<string, unknown>): void {
  switch (block["type"]) {
    case "header":
      problems.object(block, "header", ["type", "text"]);
      plainText(problems, block["text"], "header", 150);
      return;
    case "section":
      problems.object(block, "section", ["type", "text", "fields"]);
      if (block["text"] === undefined && block["fields"] === undefined)
        problems.add("a section has neither text nor fields");
      if (block["text"] !== undefined) mrkdwn(problems, block["text"], "section", 3_000);
      if (block["fields"] !== undefined)
        for (const field of problems.items(block["fields"], "fields", 10)) mrkdwn(problems, field, "field", 2_000);
      return;
    case "context":
      problems.object(block, "context", ["type", "elements"]);
      for (const element of problems.items(block["elements"], "context", 10))
        mrkdwn(problems, element, "context", 3_000);
      return;
    case "actions":
      problems.object(block, "actions", ["type", "elements"]);
      for (const value of problems.items(block["elements"], "actions", 25)) {
        const button = problems.object(value, "button", ["type", "text", "url", "action_id", "value"]);
        if (button["type"] !== "button") problems.add("an action is not a button");
        plainText(problems, button["text"], "button", 75);
        problems.url(button["url"], "button url", 3_000);
      }
      return;
    default:
      problems.add(`a block has type ${String(block["type"])}`);
  }
}

function plainText(problems: Problems, value: unknown, where: string, most: number): void {
  const text = problems.object(value, where, ["type", "text", "emoji"]);
  if (text["type"] !== "plain_text") problems.add(`${where} is not plain_text`);
  problems.text(text["text"], where, most);
}

function mrkdwn(problems: Problems, value: unknown, where: string, most: number): void {
  const text = problems.object(value, where, ["type", "text", "verbatim"]);
  if (text["type"] !== "mrkdwn") problems.add(`${where} is not mrkdwn`);
  markup(problems, problems.text(text["text"], where, most), where);
}

/** Everything that is not an escape is text; a bracket begins a link, a mention or a command. */
function markup(problems: Problems, text: string, where: string): void {
  const plain = text.replace(/<https?:\/\/[^<>|\s]+(?:\|[^<>]*)?>/g, "").replace(/&(?:amp|lt|gt);/g, "");
  if (/[<>&]/.test(plain)) problems.add(`${where} has markup that is not escaped`);
}
