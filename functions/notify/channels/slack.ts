import * as z from "zod";
import { shorten } from "../../lib/shorten.ts";
import type { Message } from "../../model/alerting/message.ts";
import { type AnswerRules, badAnswer, judgeAnswer } from "../delivery/judge-answer.ts";
import { post } from "../delivery/post.ts";
import { type AlertText, type MessageText, renderMessage } from "../message/render-message.ts";
import type { Channel } from "./channel.ts";
import { channelSecret, secretMissing } from "./channel-secret.ts";
import { secretName } from "./option-leaf.ts";
import { mentionsIn, mentionsOption } from "./slack-mentions.ts";

const CHANNEL = /^(#[a-z0-9_\p{Ll}\p{Lo}-]{1,79}|[CG][A-Z0-9]{4,20})$/u;

const Options = z.strictObject({
  webhook_url: secretName.meta({
    description: "Name of the secret binding that holds the URL of a Slack incoming webhook.",
    example: "SLACK_WEBHOOK",
  }),
  channel: z
    .string()
    .regex(CHANNEL, "is not a channel; give a name such as #zako-alerts, or an ID such as C012AB3CD")
    .optional()
    .meta({
      description:
        "Channel to post to instead of the webhook's own. Only webhooks of legacy custom integrations allow it; those of apps ignore it.",
      example: "#zako-alerts",
    }),
  mentions: mentionsOption.optional().meta({
    description:
      "Who is mentioned in messages about something new that fires, reminders and escalations, never in those about an end: IDs of users (`U...`) or user groups (`S...`), `@here` or `@channel`. A list is for critical alerts; give a mapping for other severities.",
    example: ["@here", "S012AB3CD"],
  }),
});
type Options = z.output<typeof Options>;

/** Posts to Slack. Limits: docs.slack.dev, Block Kit reference. */
export const slack: Channel<Options> = {
  channel: "slack",
  doc: "Posts to Slack through an incoming webhook.",
  options: Options,
  bindings: ({ webhook_url }) => [webhook_url],
  urls: () => ({}),

  async send(message, options, deps) {
    const url = channelSecret(deps, options.webhook_url);
    if (url === undefined) return secretMissing(options.webhook_url);
    const answer = await post({ url, body: JSON.stringify(slackBody(message, options)), readAnswer: true }, deps);
    return judgeAnswer(answer, RULES, deps.now());
  },
};

/** Slack's webhooks take what comes: a second post is a second message. A refused or missing channel stays so. */
const RULES: AnswerRules = {
  who: "Slack",
  repeatable: false,
  gone: [403, 404],
  accepted: (status, text) =>
    status === 200 && text?.trim() === "ok" ? { kind: "delivered" } : badAnswer(RULES, text),
};

const COLOURS: Record<MessageText["tone"], string> = {
  critical: "#d32f2f",
  warning: "#f9a825",
  info: "#1976d2",
  resolved: "#2e7d32",
  drill: "#757575",
};

const MOST_ALERTS = 10;
const LONGEST_HEADER = 150;
const LONGEST_SECTION = 3_000;
const LONGEST_FIELD = 2_000;
const MOST_FIELDS = 10;
/** All blocks together; Slack refuses about 13,000 characters. */
const LONGEST_BLOCKS = 12_000;

type Block = Readonly<Record<string, unknown>>;

/** Slack's own three, and nothing else: any other escape would be shown as it is. */
const ESCAPED: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const escaped = (codePoint: string): string => ESCAPED[codePoint] ?? codePoint;

/** `verbatim` keeps Slack from making mentions and links out of what others wrote. */
const mrkdwn = (text: string): Block => ({ type: "mrkdwn", text, verbatim: true });

/**
 * The body of a post: a coloured attachment of blocks, and a text for notifications and old clients.
 *
 * @internal For tests of what is sent, without sending it.
 */
export function slackBody(message: Message, { channel, mentions }: Omit<Options, "webhook_url"> = {}): Block {
  const words = renderMessage(message, MOST_ALERTS);
  const head: Block[] = [
    { type: "header", text: { type: "plain_text", text: shorten(words.title, LONGEST_HEADER), emoji: false } },
    ...(words.note === "" ? [] : [context(words.note)]),
  ];
  let room = LONGEST_BLOCKS - sizeOf(head);
  const shown: Block[][] = [];
  for (const alert of words.alerts) {
    const blocks = alertBlocks(alert, words.alerts.length > 1);
    room -= sizeOf(blocks);
    if (room < 0) break;
    shown.push(blocks);
  }
  const left = words.left + words.alerts.length - shown.length;
  const more = left === 0 ? [] : [context(`and ${left} more ${left === 1 ? "alert" : "alerts"} not listed`)];
  const unchanged = words.unchanged === "" ? [] : [context(words.unchanged)];
  const blocks = [...head, ...shown.flat(), ...more, ...unchanged];
  // Outside the attachment: only there does a mention notify.
  const mentioned = mentions === undefined ? [] : mentionsIn(message, mentions);
  return {
    ...(channel === undefined ? {} : { channel }),
    text: [...mentioned, shorten(words.title, LONGEST_SECTION, escaped)].join(" "),
    attachments: [{ color: COLOURS[words.tone], fallback: shorten(words.title, LONGEST_SECTION), blocks }],
  };
}

const sizeOf = (blocks: readonly Block[]): number => JSON.stringify(blocks).length;

const context = (text: string): Block => ({
  type: "context",
  elements: [mrkdwn(shorten(text, LONGEST_SECTION, escaped))],
});

function alertBlocks(alert: AlertText, titled: boolean): Block[] {
  const title = titled ? `*${shorten(alert.title, 400, escaped)}*\n` : "";
  const text = title + shorten(alert.description, LONGEST_SECTION - title.length, escaped);
  const fields = alert.lines.slice(0, MOST_FIELDS).map(({ name, text }) => {
    const head = `*${shorten(name, 50, escaped)}*\n`;
    return mrkdwn(head + shorten(text, LONGEST_FIELD - head.length, escaped));
  });
  const buttons = alert.links.map(({ text, url }) => ({
    type: "button",
    text: { type: "plain_text", text: shorten(text, 75), emoji: false },
    url,
  }));
  return [
    ...(text.trim() === "" ? [] : [{ type: "section", text: mrkdwn(text) }]),
    ...(fields.length === 0 ? [] : [{ type: "section", fields }]),
    ...(buttons.length === 0 ? [] : [{ type: "actions", elements: buttons }]),
  ];
}
