import { expect, it } from "vitest";
import type { Evidence } from "../../../functions/model/alerting/evidence.ts";
import { renderMessage } from "../../../functions/notify/message/render-message.ts";
import { alertOf, messageOf, NOW } from "../any-message.ts";

const FULL = alertOf(
  { target: "cas-eu", probe: "health", team: "build" },
  {
    annotations: {
      summary: "Zako endpoint is down.",
      description: "No vantage gets an answer.",
      reason: "timeout",
      vantages: "wnam, weur, apac",
      value: "0 of 3",
      threshold: "2 of 3",
      last_success: "2026-11-22T11:54:48Z",
      runbook_url: "https://watch.example/runbooks/target-down",
    },
    acknowledgedBy: "Ada",
  },
);

it("says what, since when, from where, why, how far, and what to do", () => {
  const words = renderMessage(messageOf([FULL]), 10);
  expect(words).toMatchObject({ title: "[FIRING critical] cas-eu: Zako endpoint is down", tone: "critical", more: "" });
  expect(words.alerts).toEqual([
    {
      title: "cas-eu: Zako endpoint is down",
      description: "No vantage gets an answer.",
      lines: [
        { name: "Severity", text: "critical" },
        { name: "Since", text: "2026-11-22 11:55:48 UTC (4 min 12 s ago)" },
        { name: "Reason", text: "no complete answer within the deadline (timeout)" },
        { name: "Seen from", text: "wnam, weur, apac" },
        { name: "Value", text: "0 of 3; threshold 2 of 3" },
        { name: "Last success", text: "2026-11-22 11:54:48 UTC (5 min 12 s ago)" },
        { name: "Acknowledged by", text: "Ada" },
        { name: "Labels", text: "alertname=ZakoTargetDown, probe=health, team=build" },
      ],
      links: [
        { text: "Runbook", url: "https://watch.example/runbooks/target-down" },
        { text: "Open", url: "https://watch.example/targets/cas-eu" },
        {
          text: "Silence",
          url: `https://watch.example/silences/new?matchers=${encodeURIComponent('{alertname="ZakoTargetDown",probe="health",severity="critical",target="cas-eu",team="build"}')}`,
        },
      ],
    },
  ]);
});

it("says what failed step by step, with statuses, hints, the server's own words and the trace", () => {
  const probe = "transport.negative";
  const evidence: Evidence = {
    steps: [
      { probe, step: "wrong_content", reason: "accepted_bad_upload", hint: "check digests" },
      { probe, step: "bad_token", reason: "rpc_unavailable", said: "no healthy upstream" },
      { probe, step: "zero_range", reason: "edge", httpStatus: 521, hint: "check digests" },
    ],
    vantages: ["weur"],
    outOf: 3,
    traceId: "0123456789abcdef0123456789abcdef",
  };
  const [alert] = renderMessage(messageOf([{ ...FULL, evidence }]), 10).alerts;
  const lines = (alert?.lines ?? []).map(({ name, text }) => `${name}: ${text}`);
  expect(lines.filter((line) => /^(Reason|Failing|Server|Hint|Trace)/.test(line))).toEqual([
    "Failing step: wrong_content: an upload with wrong content was accepted (accepted_bad_upload)",
    "Failing step: bad_token: the server answered unavailable, grpc-status 14 unavailable (rpc_unavailable)",
    "Failing step: zero_range: the network edge in front of the server reported a failure, HTTP 521 (edge)",
    "Server said: no healthy upstream",
    "Hint: check digests",
    "Trace: 0123456789abcdef0123456789abcdef",
  ]);
});

it("says of what is over how long it lasted", () => {
  const words = renderMessage(messageOf([{ ...FULL, status: "resolved", endsAt: NOW }]), 10);
  expect(words).toMatchObject({
    title: "[RESOLVED] cas-eu: Zako endpoint is down, after 4 min 12 s",
    tone: "resolved",
    note: "Resolved.",
  });
  expect(words.alerts[0]?.lines).toContainEqual({
    name: "Lasted",
    text: "4 min 12 s, from 2026-11-22 11:55:48 UTC to 2026-11-22 12:00:00 UTC",
  });
  expect(words.alerts[0]?.links.map(({ text }) => text)).toEqual(["Runbook", "Open"]);
});

it("says in the title why it comes, and how bad the worst of it is", () => {
  const warning = alertOf({ target: "cas-us", severity: "warning" }, { startsAt: NOW - 900_000 });
  const titles = [
    messageOf([FULL], { test: true, reason: "drill" }),
    messageOf([FULL], { reason: "escalation" }),
    messageOf([FULL], { reason: "acknowledged" }),
    messageOf([warning, FULL]),
    messageOf([warning], { truncated: 4_999 }),
    messageOf([{ ...FULL, status: "resolved", endsAt: NOW }, warning]),
    messageOf([alertOf({ severity: "catastrophe" })]),
  ].map((message) => renderMessage(message, 10).title);
  expect(titles).toEqual([
    "[DRILL] [FIRING critical] cas-eu: Zako endpoint is down",
    "[ESCALATED critical] cas-eu: Zako endpoint is down",
    "[ACKNOWLEDGED critical] cas-eu: Zako endpoint is down",
    "[FIRING critical, 2 alerts] cas-eu: Zako endpoint is down and 1 more",
    "[FIRING warning, 5000 alerts] cas-us: Zako endpoint is down and 4999 more",
    "[FIRING warning] cas-us: Zako endpoint is down and 1 more",
    "[FIRING critical] Zako endpoint is down",
  ]);
});

it("tells how many alerts it does not list", () => {
  const alerts = Array.from({ length: 12 }, (_, i) => alertOf({ target: `t-${i}` }));
  expect(renderMessage(messageOf(alerts, { truncated: 3 }), 10)).toMatchObject({
    left: 5,
    more: "and 5 more alerts not listed",
  });
});

it("follows no link that is not one, and makes none without an address", () => {
  for (const runbook_url of ["javascript:alert(1)", "https://user:pw@evil.example/", "//evil.example", ""]) {
    const alert = { ...FULL, annotations: { runbook_url } };
    expect(renderMessage(messageOf([alert], { externalUrl: "" }), 1).alerts[0]?.links).toEqual([]);
  }
});
