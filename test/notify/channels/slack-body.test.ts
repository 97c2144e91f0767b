import { describe, expect, it } from "vitest";
import type { Message } from "../../../functions/model/alerting/message.ts";
import { slackBody } from "../../../functions/notify/channels/slack.ts";
import { alertOf, messageOf } from "../any-message.ts";

interface Block {
  type: string;
  text?: { text: string };
  elements?: { text: string }[];
}

const blocksOf = (message: Message): Block[] => (slackBody(message)["attachments"] as [{ blocks: Block[] }])[0].blocks;

/** The lines in small print below the alerts. */
const endOf = (message: Message): string[] => {
  const blocks = blocksOf(message);
  const lastAlert = blocks.findLastIndex(({ type }) => type !== "context");
  return blocks.slice(lastAlert + 1).flatMap(({ elements = [] }) => elements.map(({ text }) => text));
};

const alerts = (count: number, words = "Zako endpoint is down.") =>
  Array.from({ length: count }, (_, i) => alertOf({ target: `cas-${i}` }, { annotations: { description: words } }));

describe("a post to Slack", () => {
  it.each([
    [10, 0, []],
    [11, 0, ["and 1 more alert not listed"]],
    [12, 0, ["and 2 more alerts not listed"]],
    [1, 1, ["and 1 more alert not listed"]],
    [11, 30, ["and 31 more alerts not listed"]],
  ])("of %i alerts and %i that the message leaves out says how many it does not list", (count, truncated, end) => {
    expect(endOf(messageOf(alerts(count), { truncated }))).toEqual(end);
  });

  it("counts those that have no room, too", () => {
    const message = messageOf(alerts(10, "x".repeat(1_000)));
    const shown = blocksOf(message).filter(({ text }) => text?.text.endsWith("xxx")).length;
    expect(shown).toBeGreaterThan(3);
    expect(shown).toBeLessThan(10);
    expect(endOf(message)).toEqual([`and ${10 - shown} more alerts not listed`]);
  });

  it("names each of several alerts, and one alert only in the header", () => {
    const sections = (message: Message) =>
      blocksOf(message).flatMap(({ type, text }) => (type === "section" && text !== undefined ? [text.text] : []));
    expect(sections(messageOf(alerts(1)))).toEqual(["Zako endpoint is down."]);
    for (const [i, text] of sections(messageOf(alerts(2))).entries())
      expect(text).toMatch(new RegExp(`^\\*.*cas-${i}.*\\*\\nZako endpoint is down\\.$`));
  });
});
