import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { endpointKeyOf } from "../../../functions/model/alerting/alerter-state.ts";
import { type Message, NOTIFY_REASONS } from "../../../functions/model/alerting/message.ts";
import { slack, slackBody } from "../../../functions/notify/channels/slack.ts";
import { receiver, START } from "../../alerter/world.ts";
import { checkSlack } from "../../receiver/check-slack.ts";
import { alertOf, hostileMessage, messageOf, NOW } from "../any-message.ts";
import { DecideWorld } from "../policy/decide-world.ts";

const options = (more: object = {}) => slack.options.parse({ webhook_url: "SLACK_WEBHOOK", ...more });
const textOf = (message: Message, more: object): string => String(slackBody(message, options(more))["text"]);
const prefixOf = (message: Message, more: object): string => {
  const bare = textOf(message, {});
  const text = textOf(message, more);
  expect(text.endsWith(bare)).toBe(true);
  return text.slice(0, text.length - bare.length);
};

const critical = alertOf({ target: "a" });
const warning = alertOf({ target: "a", severity: "warning", alertname: "Slow" });
const BOTH = { mentions: { critical: ["@channel", "S0GROUP12"], warning: ["U012AB3CD"] } };

describe("mentions", () => {
  it.each<[string, string]>([
    ["@here", "<!here> "],
    ["@channel", "<!channel> "],
    ["<!here>", "<!here> "],
    ["U012AB3CD", "<@U012AB3CD> "],
    ["W012AB3CD", "<@W012AB3CD> "],
    ["<@U012AB3CD>", "<@U012AB3CD> "],
    ["S012AB3CD", "<!subteam^S012AB3CD> "],
    ["<!subteam^S012AB3CD>", "<!subteam^S012AB3CD> "],
  ])("of %s are Slack's own", (written, expected) => {
    expect(prefixOf(messageOf([critical]), { mentions: [written] })).toBe(expected);
  });

  it.each([
    "@everyone",
    "ada",
    "@ada",
    "<!channel|x>",
    "<https://evil.example|U012AB3CD>",
    "U012AB3CD ",
    "u012ab3cd",
    "#general",
    "",
  ])("of %j are refused", (written) => {
    const parsed = slack.options.safeParse({ webhook_url: "SLACK_WEBHOOK", mentions: [written] });
    expect(parsed.error?.issues[0]?.message).toMatch(/is not a mention; give a user ID such as U012AB3CD/);
  });

  it("stand for critical alerts alone, unless it is said by severity", () => {
    expect(prefixOf(messageOf([critical, warning]), BOTH)).toBe("<!channel> <!subteam^S0GROUP12> ");
    expect(prefixOf(messageOf([warning]), BOTH)).toBe("<@U012AB3CD> ");
    expect(prefixOf(messageOf([alertOf({ severity: "info" })]), BOTH)).toBe("");
    expect(prefixOf(messageOf([warning]), { mentions: ["@here"] })).toBe("");
    expect(prefixOf(messageOf([alertOf({ severity: "page" })]), { mentions: ["@here"] })).toBe("<!here> ");
  });

  it.each(NOTIFY_REASONS)("with a message because of %s: only where something new needs somebody", (reason) => {
    const isMentioned = ["first notification", "new alerts added", "repeat interval elapsed", "escalation"].includes(
      reason,
    );
    expect(prefixOf(messageOf([critical], { reason }), BOTH) !== "").toBe(isMentioned);
  });

  it("never stand in what is over, in a drill, or for what somebody has acknowledged", () => {
    const over = alertOf({ target: "a" }, { status: "resolved", endsAt: NOW });
    expect(prefixOf(messageOf([over]), BOTH)).toBe("");
    expect(prefixOf(messageOf([critical], { test: true }), BOTH)).toBe("");
    expect(prefixOf(messageOf([{ ...critical, acknowledgedBy: "ada" }], { reason: "escalation" }), BOTH)).toBe("");
    const update = messageOf([critical, { ...warning, news: true }], { reason: "new alerts added" });
    expect(prefixOf(update, BOTH)).toBe("<@U012AB3CD> ");
  });

  it("come before a text that stays escaped and within the limits, whatever labels say", () => {
    const more = { ...BOTH, channel: "#zako-alerts" };
    fc.assert(
      fc.property(hostileMessage, (message) => {
        expect(checkSlack(JSON.parse(JSON.stringify(slackBody(message, options(more)))))).toEqual([]);
        prefixOf(message, more);
        if (message.status === "resolved") expect(prefixOf(message, more)).toBe("");
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });
});

describe("the channel", () => {
  it("is in the body where it is given, and nowhere else", () => {
    expect(slackBody(messageOf([critical]), options({ channel: "#zako-alerts" }))["channel"]).toBe("#zako-alerts");
    expect(slackBody(messageOf([critical]), options({ channel: "C012AB3CD" }))["channel"]).toBe("C012AB3CD");
    expect(slackBody(messageOf([critical]), options())).not.toHaveProperty("channel");
  });

  it.each(["zako", "#Zako", "# zako", "@ada", "", "#a,#b"])("%j is refused", (channel) => {
    const parsed = slack.options.safeParse({ webhook_url: "SLACK_WEBHOOK", channel });
    expect(parsed.error?.issues[0]?.message).toMatch(/is not a channel; give a name such as #zako-alerts/);
  });
});

describe("other mentions", () => {
  const endpoint = (more: object) => ({ channel: "slack", options: { ...options(more) }, sendResolved: true });

  it("make no other endpoint; another channel does", () => {
    const key = (more: object): string => endpointKeyOf("team", endpoint(more));
    expect(key(BOTH)).toBe(key({}));
    expect(key({ channel: "#other" })).not.toBe(key({}));
  });

  it("tell nobody twice, and are used from the next message on", () => {
    const world = new DecideWorld({}, [{ ...receiver("team"), endpoints: [endpoint({})] }]);
    world.begin("a", { severity: "critical" });
    expect(world.settle()).toEqual(["0m team: first notification +a"]);
    world.receivers = [{ ...receiver("team"), endpoints: [endpoint(BOTH)] }];
    expect(world.settle()).toEqual([]);
    world.begin("b", { severity: "critical" });
    expect(world.settle()).toEqual(["0m team: first notification +b"]);
    expect([...world.head.endpoints.all.values()].map((one) => one.endpoint)).toEqual([endpoint(BOTH)]);
    expect(world.now).toBe(START);
  });
});
