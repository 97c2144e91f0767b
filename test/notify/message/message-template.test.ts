import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Message } from "../../../functions/model/alerting/message.ts";
import { renderMail } from "../../../functions/notify/channels/email-body.ts";
import { eventBody, pagerdutyEvent } from "../../../functions/notify/channels/pagerduty.ts";
import { slackBody } from "../../../functions/notify/channels/slack.ts";
import {
  MESSAGE_FIELDS,
  renderTemplates,
  templateProblems,
} from "../../../functions/notify/message/message-template.ts";
import { renderMessage } from "../../../functions/notify/message/render-message.ts";
import { receiver } from "../../alerter/world.ts";
import { checkEmail } from "../../receiver/check-email.ts";
import { checkPagerDuty } from "../../receiver/check-pagerduty.ts";
import { checkSlack } from "../../receiver/check-slack.ts";
import { alertOf, hostileMessage, hostileText, messageOf, NOW } from "../any-message.ts";
import { DecideWorld } from "../policy/decide-world.ts";

const ALERT = alertOf(
  { target: "cas-eu", team: "build" },
  {
    annotations: { summary: "Target is down.", description: "cas-eu is down.", runbook_url: "https://wiki.example/x" },
  },
);

const titled = (message: Message, title: string): string | undefined =>
  renderTemplates(message, { title }).message.title;

describe("a template", () => {
  const message = messageOf([ALERT]);
  it.each<[string, string]>([
    ["plain", "plain"],
    ["{{ $labels.target }} of {{$labels.team}}", "cas-eu of build"],
    ["{{ $labels.nothing }}!", "!"],
    ["{{ $status }} {{ $severity }} {{ $reason }}", "firing critical first notification"],
    ["{{ $receiver }}: {{ $alerts }} alert, {{ $targets }} target", "oncall: 1 alert, 1 target"],
    ["{{ $subject }}", "cas-eu: Target is down"],
    ["{{ $description }}", "cas-eu is down."],
    ["{{ $url }} {{ $runbook }}", "https://watch.example/targets/cas-eu https://wiki.example/x"],
    ["two\nlines \u0007 \u202e", "two lines"],
    ["{{ $labels.target }} {{ not this }}", "cas-eu {{ not this }}"],
  ])("%j is %j", (template, expected) => expect(titled(message, template)).toBe(expected));

  it("names the values of several alerts, and how many more there are", () => {
    const many = Array.from({ length: 8 }, (_, i) => alertOf({ target: `t${i}` }));
    expect(titled(messageOf(many), "{{ $labels.target }}: {{ $labels.severity }}")).toBe(
      "t0, t1, t2, t3, t4 and 3 more: critical",
    );
  });

  it("is short, whatever it asks for", () => {
    const long = alertOf({ target: "x".repeat(5_000) });
    const { message: made } = renderTemplates(messageOf([long]), {
      title: "{{ $labels.target }}",
      text: "{{ $labels.target }}\n".repeat(40),
    });
    expect(made.title?.length).toBeLessThanOrEqual(200);
    expect(made.text?.length).toBeLessThanOrEqual(2_000);
  });

  it("that comes to nothing, or cannot be rendered, gives way to the built-in words, and is said", () => {
    const failing = [" ", "{{ $labels.nothing }}", "\u0007", "{{ $labels.broken }}"];
    const broken = { ...ALERT, labels: new Proxy(ALERT.labels, { getOwnPropertyDescriptor: explode }) };
    for (const title of failing) {
      const given = title.includes("broken") ? messageOf([broken]) : message;
      const { message: made, failed } = renderTemplates(given, { title, text: "fine" });
      expect(made).toEqual({ ...given, text: "fine" });
      expect(failed).toEqual([{ template: "title", why: expect.stringMatching(/^(it is empty|Error)$/) }]);
    }
    expect(renderTemplates(message, {})).toEqual({ message, failed: [] });
  });

  it("has no problem exactly where it uses what there is", () => {
    const labels = ["target", "team"];
    for (const field of MESSAGE_FIELDS) expect(templateProblems(`a {{ $${field} }} b`, labels)).toEqual([]);
    expect(templateProblems("{{ $labels.target }} {{$labels.team}} } {", labels)).toEqual([]);
    expect(templateProblems("{{ $labels.taget }}", labels)).toEqual([{ what: "label", written: "taget" }]);
    expect(templateProblems("{{ $titel }}", labels)).toEqual([{ what: "field", written: "titel" }]);
    expect(templateProblems("{{ $value | humanize }} {{ .Labels }} {{", labels).map(({ what }) => what)).toEqual([
      "syntax",
    ]);
  });
});

function explode(): never {
  throw new Error("secret words");
}

describe("in the channels", () => {
  const check = (message: Message): string[] => {
    const { subject, text, html, headers, messageId } = renderMail(message, "watch@example.com");
    const mail = { subject, text, html, headers: { ...headers, "Message-ID": messageId } };
    return [
      ...checkSlack(JSON.parse(JSON.stringify(slackBody(message)))),
      ...checkEmail(JSON.parse(JSON.stringify({ from: "watch@example.com", to: ["a@example.com"], ...mail })), "k"),
      ...checkPagerDuty(eventBody(pagerdutyEvent(message), "r".repeat(32))),
    ];
  };

  it("what a template says is within the limits and escaped", () => {
    fc.assert(
      fc.property(hostileMessage, hostileText, hostileText, (message, one, two) => {
        const templates = {
          title: `${one}{{ $labels.target }}`,
          text: `${two} {{ $description }} {{ $labels.alertname }}`,
        };
        expect(check(renderTemplates(message, templates).message)).toEqual([]);
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  it("title and text take the place of the built-in words, links and the note stay", () => {
    const { message } = renderTemplates(messageOf([ALERT], { alsoNotified: ["boss"] }), {
      title: "My title",
      text: "First.\nSecond.",
    });
    const words = renderMessage(message, 10);
    expect(words).toMatchObject({ title: "My title", subject: "My title", left: 0, more: "", unchanged: "" });
    expect(words.alerts).toEqual([{ title: "", description: "First.\nSecond.", lines: [], links: expect.anything() }]);
    expect(words.alerts[0]?.links).toHaveLength(3);
    expect(words.note).toContain("Also notified: boss.");
    const { text, html } = renderMail(message, "a@b.example");
    expect(text).toMatch(/^My title\n\nAlso notified: boss\.\n\nFirst\.\nSecond\.\n/);
    expect(html).toContain("<p>First.<br>Second.</p>");
    expect(html).not.toContain("<h3></h3>");
  });

  it("a drill is one, whatever the title says", () => {
    const drill = messageOf([ALERT], { test: true, reason: "drill" });
    const { message } = renderTemplates(drill, { title: "Down!" });
    expect(renderMessage(message, 10).title).toBe("[DRILL] Down!");
    expect(pagerdutyEvent(message).payload?.["summary"]).toBe("[DRILL] Down!");
  });
});

describe("in a decision", () => {
  it("the message that is stored has the words; a template that fails is counted and logged, and loses nothing", () => {
    const team = receiver("team");
    const endpoints = team.endpoints.map((one) => ({
      ...one,
      title: "{{ $labels.target }} {{ $status }}",
      text: "{{ $labels.no }}",
    }));
    const world = new DecideWorld({}, [{ ...team, endpoints }]);
    const messages: Message[] = [];
    world.onArrival = ({ message }) => messages.push(message);
    const a = world.begin("a", { severity: "critical" });
    world.settle();
    world.end(a);
    world.settle();
    expect(messages.map(({ title, text }) => [title, text])).toEqual([
      ["a firing", undefined],
      ["a resolved", undefined],
    ]);
    const failure = {
      family: "zako_watch_template_failures_total",
      labels: { receiver: "team", channel: "fake" },
      value: 1,
    };
    expect(world.counted).toEqual([failure, failure]);
    expect(world.logged).toContainEqual({
      event: "template",
      receiver: "team",
      channel: "fake",
      template: "text",
      why: "it is empty",
    });
    expect(NOW).toBeGreaterThan(0);
  });
});
