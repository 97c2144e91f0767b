import * as fc from "fast-check";
import { fingerprint } from "../../functions/model/alerting/fingerprint.ts";
import type { Message, MessageAlert } from "../../functions/model/alerting/message.ts";

/** 2026-11-22T12:00:00Z. */
export const NOW = Date.UTC(2026, 10, 22, 12);

/** An alert with the given labels; those that it needs are added. */
export function alertOf(labels: Record<string, string>, change: Partial<MessageAlert> = {}): MessageAlert {
  const all = { alertname: "ZakoTargetDown", severity: "critical", ...labels };
  return {
    fingerprint: fingerprint(all),
    labels: all,
    annotations: { summary: "Zako endpoint is down." },
    startsAt: NOW - 252_000,
    status: "firing",
    ...change,
  };
}

/** A message of these alerts; its status is theirs. */
export function messageOf(alerts: readonly MessageAlert[], change: Partial<Message> = {}): Message {
  const firing = alerts.some(({ status }) => status === "firing");
  return {
    id: "m-1",
    receiver: "oncall",
    endpoint: 0,
    reason: firing ? "first notification" : "all alerts resolved",
    status: firing ? "firing" : "resolved",
    groupKey: '{}:{target="cas-eu"}',
    groupLabels: { target: "cas-eu" },
    openedAt: NOW - 252_000,
    targets: new Set(alerts.map(({ labels }) => labels["target"])).size,
    alsoNotified: [],
    alerts,
    truncated: 0,
    externalUrl: "https://watch.example",
    at: NOW,
    test: false,
    ...change,
  };
}

/** Text that tries to be more than text. */
const shortText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "<!channel> <!here> <@U123> <https://evil.example|click>",
    "</td><script>alert(1)</script><img src=x onerror=alert(1)>",
    "Subject\r\nBcc: everyone@example.com\r\n\r\n<b>",
    "quote \" and ' and \\ and ` and {{ $labels.x }}",
    "\u0000\u0007\u001b[31m\u202eevil\u2066\ufeff\u2028\u2029",
    "&amp; &lt; & &&&& <<<< >>>>",
    "👩‍👩‍👧‍👦🇩🇪𝕏".repeat(40),
    "\ud800 lone \udc00 surrogates \ud83d",
    "javascript:alert(1)",
    "https://user:pass@evil.example/<x>|y",
    "",
    "   \n\n\n\n  ",
  ),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.integer({ min: 1, max: 4 }).map((n) => "&<>\"'𝕏 ".repeat(n * 500)),
);
/** The same, and now and then 100 KB of it. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 40, arbitrary: shortText },
  { weight: 1, arbitrary: fc.constantFrom("x", "&", "😀", "<").map((c) => c.repeat(100_000)) },
);

const hostileAlert: fc.Arbitrary<MessageAlert> = fc
  .record({
    labels: fc.record(
      { target: hostileText, probe: hostileText, vantage: hostileText, reason: hostileText, team: hostileText },
      { requiredKeys: [] },
    ),
    alertname: hostileText,
    severity: fc.oneof(fc.constantFrom("critical", "warning", "info"), hostileText),
    annotations: fc.record(
      {
        summary: hostileText,
        description: hostileText,
        runbook_url: fc.oneof(hostileText, fc.constant("https://runbooks.example/a?b=c&d=<e>|f")),
        last_success: fc.oneof(hostileText, fc.constant("2026-11-22T11:40:00Z")),
        vantages: hostileText,
        reason: fc.oneof(hostileText, fc.constant("timeout")),
        value: hostileText,
        threshold: hostileText,
        other: hostileText,
      },
      { requiredKeys: [] },
    ),
    startsAt: fc.oneof(fc.integer({ min: NOW - 1e9, max: NOW }), fc.constantFrom(0, -1, 1e18, Number.NaN)),
    lasts: fc.option(fc.integer({ min: -1_000, max: 1e9 }), { nil: undefined }),
    acknowledgedBy: fc.option(hostileText, { nil: undefined }),
  })
  .map(({ labels, alertname, severity, annotations, startsAt, lasts, acknowledgedBy }) =>
    alertOf({ ...labels, alertname: `Zako${alertname}`, severity } as Record<string, string>, {
      annotations: annotations as Record<string, string>,
      startsAt,
      ...(lasts === undefined ? {} : { status: "resolved", endsAt: startsAt + lasts }),
      ...(acknowledgedBy === undefined ? {} : { acknowledgedBy }),
    }),
  );

/** Messages whose every text is somebody else's. */
export const hostileMessage: fc.Arbitrary<Message> = fc
  .record({
    alerts: fc.array(hostileAlert, { minLength: 1, maxLength: 4 }),
    /** How often the alerts are repeated, each time with labels of their own. */
    times: fc.oneof(
      { weight: 9, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.integer({ min: 10, max: 60 }) },
    ),
    id: hostileText,
    groupKey: hostileText,
    reason: fc.constantFrom(
      "first notification" as const,
      "new alerts added" as const,
      "repeat interval elapsed" as const,
      "escalation" as const,
      "acknowledged" as const,
      "drill" as const,
    ),
    truncated: fc.nat(5_000),
    test: fc.boolean(),
  })
  .map(({ alerts, times, reason, ...rest }) => {
    const copies = Array.from({ length: times - 1 }, (_, i) =>
      alerts.map((alert) => {
        const labels = { ...alert.labels, copy: String(i) };
        return { ...alert, labels, fingerprint: fingerprint(labels) };
      }),
    );
    const message = messageOf([...alerts, ...copies.flat()], rest);
    return message.status === "firing" ? { ...message, reason } : message;
  });
