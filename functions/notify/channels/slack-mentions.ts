import * as z from "zod";
import { SEVERITIES, type Severity, severityOf } from "../../model/alerting/alert.ts";
import type { Message, NotifyReason } from "../../model/alerting/message.ts";
import { isUpdate } from "../message/message-note.ts";

/** Whom to mention, by severity, as Slack writes it: `<@U012AB3CD>`. */
export type Mentions = Readonly<Record<Severity, readonly string[]>>;

const MOST_MENTIONS = 20;
const USER = "[UW][A-Z0-9]{4,20}";
const GROUP = "S[A-Z0-9]{4,20}";
const MENTION = new RegExp(`^(?:@here|@channel|<!here>|<!channel>|${USER}|<@${USER}>|${GROUP}|<!subteam\\^${GROUP}>)$`);

/** A mention, read to what Slack takes. */
const mention = z
  .string()
  .regex(
    MENTION,
    "is not a mention; give a user ID such as U012AB3CD, a user group ID such as S012AB3CD, @here or @channel",
  )
  .transform((text) => {
    if (text.startsWith("<")) return text;
    if (text.startsWith("@")) return `<!${text.slice(1)}>`;
    return text.startsWith("S") ? `<!subteam^${text}>` : `<@${text}>`;
  });

const mentionList = z.array(mention).max(MOST_MENTIONS);

const bySeverity = z.strictObject(
  Object.fromEntries(
    SEVERITIES.map((severity) => [
      severity,
      mentionList.optional().meta({ description: `Mentions for alerts of severity ${severity}.`, example: ["@here"] }),
    ]),
  ) as Record<Severity, z.ZodOptional<typeof mentionList>>,
);

/** The option of the channel: a list for critical alerts, or lists by severity. */
export const mentionsOption = z.union([mentionList, bySeverity]).transform((found): Mentions => {
  const { critical = [], warning = [], info = [] } = Array.isArray(found) ? { critical: found } : found;
  return { critical, warning, info };
});

/** Reasons for a message that need nobody's attention at once. */
const UNMENTIONED: ReadonlySet<NotifyReason> = new Set([
  "some alerts resolved",
  "all alerts resolved",
  "acknowledged",
  "drill",
]);

/** Whom a message mentions: those for the worst that it brings and that nobody has acknowledged. Never of an end. */
export function mentionsIn(message: Message, mentions: Mentions): readonly string[] {
  if (message.status === "resolved" || message.test || UNMENTIONED.has(message.reason)) return [];
  const onlyNews = isUpdate(message);
  const brought = message.alerts.filter(
    ({ status, acknowledgedBy, news }) =>
      status === "firing" && acknowledgedBy === undefined && (!onlyNews || news === true),
  );
  const worst = SEVERITIES.find((severity) => brought.some(({ labels }) => severityOf(labels) === severity));
  return worst === undefined ? [] : mentions[worst];
}
