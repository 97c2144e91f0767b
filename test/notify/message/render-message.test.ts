import { expect, it } from "vitest";
import type { Evidence } from "../../../functions/model/alerting/evidence.ts";
import type { MessageAlert } from "../../../functions/model/alerting/message.ts";
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

const DOWN = "cas-eu: Zako endpoint is down: no complete answer within the deadline (timeout)";

it("says what, since when, from where, why, how far, and what to do", () => {
  const words = renderMessage(messageOf([FULL]), 10);
  expect(words).toMatchObject({ title: `[FIRING critical] ${DOWN}`, subject: DOWN, tone: "critical", more: "" });
  expect(words.alerts).toEqual([
    {
      title: DOWN,
      description: "No vantage gets an answer.",
      lines: [
        { name: "Severity", text: "critical" },
        { name: "Since", text: "2026-11-22 11:55:48 UTC (4 min 12 s ago)" },
        { name: "Reason", text: "no complete answer within the deadline (timeout)" },
        { name: "Seen from", text: "wnam, weur, apac" },
        { name: "Value", text: "0 of 3; threshold 2 of 3" },
        { name: "Last success", text: "2026-11-22 11:54:48 UTC (5 min 12 s ago)" },
        { name: "Acknowledged by", text: "Ada" },
        { name: "Labels", text: "probe=health, team=build" },
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
    "Failing step: bad_token: the server answered unavailable, grpc-status 14 (rpc_unavailable)",
    "Failing step: zero_range: the network edge in front of the server reported a failure, HTTP 521 (edge)",
    "Server said: no healthy upstream",
    "Hint: check digests",
    "Trace: 0123456789abcdef0123456789abcdef",
  ]);
});

it("says of what is over how long it lasted", () => {
  const words = renderMessage(messageOf([{ ...FULL, status: "resolved", endsAt: NOW }]), 10);
  expect(words).toMatchObject({
    title: `[RESOLVED] ${DOWN}, after 4 min 12 s`,
    tone: "resolved",
    note: "Resolved.",
  });
  expect(words.alerts[0]?.lines).toContainEqual({
    name: "Lasted",
    text: "4 min 12 s, from 2026-11-22 11:55:48 UTC to 2026-11-22 12:00:00 UTC",
  });
  expect(words.alerts[0]?.links.map(({ text }) => text)).toEqual(["Runbook", "Open"]);
  // What the rule says of now is not true any more, and nobody has to find the cause of what is over at night.
  expect(words.alerts[0]?.description).toBe("");
  const step = { probe: "health", reason: "rpc_unavailable" as const, said: "no healthy upstream", hint: "restart it" };
  const evidence = { steps: [step], vantages: ["weur"], outOf: 1, traceId: "0123456789abcdef0123456789abcdef" };
  const over = { ...FULL, status: "resolved", endsAt: NOW, evidence } as const;
  const lines = renderMessage(messageOf([over]), 10).alerts[0]?.lines.map(({ name }) => name);
  expect(lines).toEqual([
    "State",
    "Severity",
    "Lasted",
    "Failing step",
    "Seen from",
    "Value",
    "Acknowledged by",
    "Labels",
  ]);
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
    `[DRILL] [FIRING critical] ${DOWN}`,
    `[ESCALATED critical] ${DOWN}`,
    `[ACKNOWLEDGED critical] ${DOWN}`,
    `[FIRING critical, 2 alerts] ${DOWN} and 1 more`,
    "[FIRING warning, 5000 alerts] cas-us: Zako endpoint is down and 4999 more",
    // The end of the outage is the news, whatever lesser alert goes on.
    `[RESOLVED 1 of 2] ${DOWN}, after 4 min 12 s and 1 more`,
    "[FIRING critical] Zako endpoint is down",
  ]);
});

it("says who has taken on what, and what nobody has taken on", () => {
  const [a, b] = [alertOf({ target: "a" }, { acknowledgedBy: "Ada" }), alertOf({ target: "b" })];
  const over = { ...alertOf({ target: "c" }), status: "resolved", endsAt: NOW } as const;
  const of = (alerts: readonly MessageAlert[], change = {}) => {
    const { title, note } = renderMessage(messageOf(alerts, { reason: "acknowledged", ...change }), 10);
    return [/^\[[^\]]+\]/.exec(title)?.[0], note];
  };
  expect(of([a, over])).toEqual(["[ACKNOWLEDGED critical]", "Acknowledged by Ada."]);
  expect(of([a, { ...b, acknowledgedBy: "Bob" }])).toEqual([
    "[ACKNOWLEDGED critical, 2 alerts]",
    "Acknowledged by Ada, Bob.",
  ]);
  expect(of([a, b, over])).toEqual(["[ACKNOWLEDGED 1 of 2]", "Acknowledged by Ada: a. Not acknowledged: b."]);
  expect(of([a], { truncated: 3 })).toEqual(["[ACKNOWLEDGED 1 of 4]", "Acknowledged by Ada: a."]);
  // Everything else is known.
  const words = renderMessage(messageOf([a, b, over], { reason: "acknowledged", truncated: 3 }), 10);
  expect([words.alerts, words.more, words.unchanged]).toEqual([[], "", "5 alerts are still firing, unchanged"]);
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

it("names the cause by the step that opened the incident", () => {
  const evidence = {
    cause: "transport.download",
    steps: [
      { probe: "cas.negotiate", reason: "timeout" as const },
      { probe: "transport.download", reason: "corrupt" as const, message: "content does not match its digest" },
    ],
    vantages: ["weur"],
    outOf: 3,
  };
  const alert = alertOf({ target: "web" }, { annotations: { summary: "Target is down" }, evidence });
  expect(renderMessage(messageOf([alert]), 10).subject).toBe(
    "web: Target is down: transport.download: content does not match its digest (corrupt)",
  );
});

it("tells of several targets with one cause in one line, and says what they share", () => {
  const alerts = Array.from({ length: 7 }, (_, i) => alertOf({ target: `t-${i}` }));
  const of = (by: "front" | "region" | "receiver", cause: string, change = {}) => {
    const shared = { cause, by, ...(by === "region" ? { region: "weur" } : {}) };
    const { title, note } = renderMessage(messageOf(alerts, { shared, targets: 1_000, truncated: 993, ...change }), 10);
    return [title, note];
  };
  expect(of("front", "unreachable")).toEqual([
    "[FIRING critical, 1000 alerts] 1000 targets unreachable: t-0, t-1, t-2, t-3, t-4 and 995 more",
    "All of these targets are behind the same host.",
  ]);
  expect(of("region", "corrupt")[0]).toContain("1000 targets down, content does not match its digest (corrupt)");
  expect(of("region", "corrupt")[1]).toBe("All of these targets fail from weur only.");
  expect(of("receiver", "unreachable", { alsoNotified: ["boss", "ops"] })[1]).toBe(
    "These are all targets that this receiver is notified of. Also notified: boss, ops.",
  );
});

it("leads with what is said of the whole target, among what began at once", () => {
  const over = { status: "resolved", activeSince: NOW - 100_000, startsAt: NOW - 90_000 } as const;
  const corrupt = ["download", "journey", "upload"].map((kind) => ({
    ...alertOf({ target: "a", alertname: "ZakoTransportIntegrityFailure", probe: `transport.${kind}` }, over),
    endsAt: NOW,
  }));
  for (const fingerprint of ["0000000000000000", "ffffffffffffffff"]) {
    const down = { ...alertOf({ target: "a", alertname: "ZakoTargetDown" }, over), endsAt: NOW - 20_000, fingerprint };
    const { title } = renderMessage(messageOf([...corrupt, down], { status: "resolved" }), 10);
    expect(title).toMatch(/, after 1 min 20 s and 3 more$/);
  }
});

it("says how long several targets were down, whatever else of theirs ended later", () => {
  const over = { status: "resolved", activeSince: NOW - 100_000, startsAt: NOW - 90_000 } as const;
  const down = ["a", "b", "c"].map((target) => ({
    ...alertOf({ target, alertname: "ZakoTargetDown" }, over),
    endsAt: NOW - 20_000,
  }));
  const corrupt = { ...alertOf({ target: "a", alertname: "ZakoTransportIntegrityFailure" }, over), endsAt: NOW };
  const message = messageOf([...down, corrupt], {
    status: "resolved",
    shared: { cause: "corrupt", by: "front" },
    targets: 3,
  });
  expect(renderMessage(message, 10).title).toMatch(/: a, b, c, after 1 min 20 s$/);
});

it("says in a later message only what has changed, and counts the rest", () => {
  const known = alertOf({ target: "a" });
  const fresh = alertOf({ target: "b" }, { news: true });
  const ended = { ...alertOf({ target: "c" }), status: "resolved", endsAt: NOW, news: true } as const;
  const words = renderMessage(messageOf([known, fresh, ended], { reason: "new alerts added" }), 10);
  expect(words.alerts.map(({ title }) => title)).toEqual(["b: Zako endpoint is down", "c: Zako endpoint is down"]);
  expect(words.note).toBe("New alerts in this group. New: b. Resolved: c.");
  expect(words.unchanged).toBe("1 alert is still firing, unchanged");
  const reminder = renderMessage(messageOf([known, fresh], { reason: "repeat interval elapsed" }), 10);
  expect([reminder.alerts.length, reminder.unchanged]).toEqual([2, ""]);
});

it("leads with what is new, and among equals with what names a cause", () => {
  const burn = { annotations: { summary: "Error budget burns fast" }, startsAt: NOW - 600_000 };
  const evidence = {
    cause: "cas.negotiate",
    steps: [{ probe: "cas.negotiate", reason: "http_status" as const, httpStatus: 503 }],
    vantages: ["weur"],
    outOf: 1,
  };
  const burns = alertOf({ alertname: "ZakoErrorBudgetBurnFast", target: "a" }, burn);
  const isDown = alertOf({ target: "a" }, { annotations: { summary: "Target is down" }, evidence });
  const cause = "answered with an HTTP error without an RPC status, HTTP 503 (http_status)";
  const title = `[FIRING critical, 2 alerts] a: Target is down: cas.negotiate: ${cause} and 1 more`;
  expect(renderMessage(messageOf([burns, isDown]), 10).title).toBe(title);
  const rise = (known: MessageAlert, fresh: MessageAlert): string =>
    renderMessage(messageOf([known, { ...fresh, news: true }], { reason: "new alerts added" }), 10).title;
  expect(rise(burns, isDown)).toBe(title);
  expect(rise(isDown, burns)).toBe("[FIRING critical, 2 alerts] a: Error budget burns fast and 1 more");
});

it("says of what is over that something worse of the same target still fires", () => {
  const alert = { ...alertOf({ target: "a", severity: "warning" }), status: "resolved", endsAt: NOW } as const;
  const words = renderMessage(messageOf([{ ...alert, worseFiring: "ZakoTargetDown" }]), 10);
  expect(words.alerts[0]?.lines).toContainEqual({ name: "Still firing", text: "ZakoTargetDown of the same target" });
  expect(words.title).toMatch(/^\[RESOLVED, ZakoTargetDown still firing\] a: /);
  expect(words.tone).toBe("warning");
});

it("counts from the first run that failed, where the page came later", () => {
  const alert = alertOf({ target: "a" }, { startsAt: NOW - 60_000, activeSince: NOW - 120_000 });
  const lines = (one: MessageAlert) => renderMessage(messageOf([one]), 1).alerts[0]?.lines ?? [];
  expect(lines(alert)).toContainEqual({ name: "Since", text: "2026-11-22 11:58:00 UTC (2 min ago)" });
  const over = { ...alert, status: "resolved", endsAt: NOW } as const;
  expect(lines(over).find(({ name }) => name === "Lasted")?.text).toMatch(/^2 min, from 2026-11-22 11:58:00 UTC/);
});
