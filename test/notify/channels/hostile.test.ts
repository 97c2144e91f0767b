import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Message } from "../../../functions/model/alerting/message.ts";
import { alertmanagerAlerts } from "../../../functions/notify/channels/alertmanager.ts";
import { renderMail } from "../../../functions/notify/channels/email-body.ts";
import { eventBody, pagerdutyEvent } from "../../../functions/notify/channels/pagerduty.ts";
import { slackBody } from "../../../functions/notify/channels/slack.ts";
import { webhookBody } from "../../../functions/notify/channels/webhook.ts";
import { checkEmail } from "../../receiver/check-email.ts";
import { checkPagerDuty } from "../../receiver/check-pagerduty.ts";
import { checkSlack } from "../../receiver/check-slack.ts";
import { checkWebhook } from "../../receiver/check-webhook.ts";
import { alertOf, hostileMessage, hostileText, messageOf, NOW } from "../any-message.ts";

const ROUTING_KEY = "r".repeat(32);

/** What each receiver finds wrong, having taken the body from the wire. */
const CHECKS: Readonly<Record<string, (message: Message) => string[]>> = {
  slack: (message) => checkSlack(JSON.parse(JSON.stringify(slackBody(message)))),
  email: (message) => {
    const { subject, text, html, headers, messageId } = renderMail(message, "watch@example.com");
    const mail = { subject, text, html, headers: { ...headers, "Message-ID": messageId } };
    return checkEmail(JSON.parse(JSON.stringify({ from: "watch@example.com", to: ["a@example.com"], ...mail })), "k");
  },
  pagerduty: (message) => checkPagerDuty(eventBody(pagerdutyEvent(message), ROUTING_KEY)),
  webhook: (message) => checkWebhook(JSON.parse(JSON.stringify(webhookBody(message, 0)))),
  alertmanager: (message) =>
    alertmanagerAlerts(message, NOW).flatMap(({ labels, startsAt, endsAt }) => [
      ...(Object.keys(labels as object).length === 0 ? ["no labels"] : []),
      ...(Date.parse(String(endsAt)) >= Date.parse(String(startsAt)) ? [] : ["ends before it starts"]),
    ]),
};

describe.each(Object.entries(CHECKS))("%s", (_, check) => {
  it("stays within every documented limit, escaped, whatever labels and annotations say", () => {
    fc.assert(
      fc.property(hostileMessage, (message) => {
        expect(check(message)).toEqual([]);
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  it("takes 5,000 alerts at once", () => {
    const alerts = Array.from({ length: 5_000 }, (_, i) =>
      alertOf(
        { target: `cas-${i}`, severity: ["critical", "warning", "info"][i % 3] ?? "info" },
        { startsAt: NOW - i },
      ),
    );
    expect(check(messageOf(alerts))).toEqual([]);
  });
});

it("renders from the message alone, so that a second try says the same", () => {
  fc.assert(
    fc.property(hostileMessage, (message) => {
      const all = () => [
        slackBody(message),
        renderMail(message, "a@b.example"),
        pagerdutyEvent(message),
        webhookBody(message, 0),
      ];
      expect(all()).toEqual(all());
    }),
    { numRuns: 10, endOnFailure: true },
  );
});

it("marks a drill as one in every channel", () => {
  const drill = messageOf([alertOf({ target: "cas-eu" })], { test: true, reason: "drill" });
  const bodies = {
    slack: slackBody(drill),
    mail: renderMail(drill, "a@b.example"),
    pagerduty: pagerdutyEvent(drill),
    webhook: webhookBody(drill, 0),
    alertmanager: alertmanagerAlerts(drill, NOW),
  };
  for (const body of Object.values(bodies)) {
    expect(JSON.stringify(body)).toContain("[DRILL]");
    expect(JSON.stringify({ ...body, test: false })).toMatch(/drill/i);
  }
  const real = messageOf([alertOf({ target: "cas-eu" })]);
  expect(
    JSON.stringify([slackBody(real), renderMail(real, "a@b.example"), pagerdutyEvent(real), webhookBody(real, 0)]),
  ).not.toMatch(/drill/i);
});

it("keeps a mail's subject on one line and its headers its own", () => {
  fc.assert(
    fc.property(hostileText, hostileText, (summary, groupKey) => {
      const alert = alertOf({ target: summary }, { annotations: { summary } });
      const mail = renderMail(messageOf([alert], { groupKey, id: summary }), "watch@example.com");
      expect(mail.subject).not.toMatch(/\p{Cc}/u);
      for (const value of [...Object.values(mail.headers), mail.messageId]) expect(value).toMatch(/^[\x20-\x7e]+$/);
      expect(Object.keys(mail.headers).sort()).toEqual(["Auto-Submitted", "Importance", "In-Reply-To", "References"]);
    }),
  );
});
