import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { checkEmail } from "./check-email.ts";
import { checkPagerDuty } from "./check-pagerduty.ts";
import { checkSlack } from "./check-slack.ts";
import { checkWebhook } from "./check-webhook.ts";
import { type Receiver, startReceiver } from "./server.ts";

const slack = (blocks: unknown[], text = "t"): unknown => ({
  text,
  attachments: [{ color: "#d32f2f", fallback: "f", blocks }],
});
const section = (text: string): unknown => ({ type: "section", text: { type: "mrkdwn", text } });
const mail = (change: object = {}): unknown => ({
  from: "a@example.com",
  to: ["b@example.com"],
  subject: "s",
  text: "t",
  html: "<p>t</p>",
  headers: { "Auto-Submitted": "auto-generated" },
  ...change,
});
const trigger = (payload: object = {}, change: object = {}): string =>
  JSON.stringify({
    routing_key: "r".repeat(32),
    event_action: "trigger",
    dedup_key: "k",
    payload: { summary: "s", source: "s", severity: "critical", timestamp: "2026-11-22T12:00:00Z", ...payload },
    ...change,
  });
const alert = {
  status: "firing",
  labels: { alertname: "A" },
  annotations: {},
  startsAt: "2026-11-22T12:00:00Z",
  endsAt: "0001-01-01T00:00:00Z",
  generatorURL: "",
  fingerprint: "4ff3c09cac2d4181",
};
const v4 = {
  ...{ receiver: "r", status: "firing", alerts: [alert], groupLabels: {}, commonLabels: {}, commonAnnotations: {} },
  ...{ externalURL: "https://w.example", version: "4", groupKey: "{}:{}", truncatedAlerts: 0 },
};

describe("the checks", () => {
  it("find nothing wrong with what is right", () => {
    expect(checkSlack(slack([section("a &amp; <https://a.example|b>")]))).toEqual([]);
    expect(checkEmail(mail(), "k")).toEqual([]);
    expect(checkPagerDuty(trigger())).toEqual([]);
    expect(checkWebhook(v4)).toEqual([]);
  });

  it.each<[string, () => string[]]>([
    ["Slack: a mention", () => checkSlack(slack([section("<!channel>")]))],
    ["Slack: an ampersand", () => checkSlack(slack([section("a & b")]))],
    ["Slack: an ampersand in the fallback text", () => checkSlack(slack([section("a")], "a & b"))],
    ["Slack: no text", () => checkSlack(slack([section("")]))],
    ["Slack: a long text", () => checkSlack(slack([section("a".repeat(3_001))]))],
    [
      "Slack: a long header",
      () => checkSlack(slack([{ type: "header", text: { type: "plain_text", text: "a".repeat(151) } }])),
    ],
    ["Slack: 51 blocks", () => checkSlack(slack(Array.from({ length: 51 }, () => section("a"))))],
    [
      "Slack: long blocks together",
      () => checkSlack(slack(Array.from({ length: 6 }, () => section("a".repeat(2_500))))),
    ],
    [
      "Slack: 11 fields",
      () =>
        checkSlack(
          slack([{ type: "section", fields: Array.from({ length: 11 }, () => ({ type: "mrkdwn", text: "a" })) }]),
        ),
    ],
    [
      "Slack: a button without an address",
      () =>
        checkSlack(
          slack([{ type: "actions", elements: [{ type: "button", text: { type: "plain_text", text: "a" } }] }]),
        ),
    ],
    ["Slack: a lone surrogate", () => checkSlack(slack([section("\ud800")]))],
    ["e-mail: a header in the subject", () => checkEmail(mail({ subject: "a\r\nBcc: x@example.com" }), "k")],
    ["e-mail: a long subject", () => checkEmail(mail({ subject: "a".repeat(999) }), "k")],
    ["e-mail: a header that is not allowed", () => checkEmail(mail({ headers: { Date: "now" } }), "k")],
    ["e-mail: 51 recipients", () => checkEmail(mail({ to: Array.from({ length: 51 }, () => "b@example.com") }), "k")],
    ["e-mail: a script", () => checkEmail(mail({ html: "<p>a<script>b</script></p>" }), "k")],
    ["e-mail: a handler", () => checkEmail(mail({ html: '<a onclick="x">a</a>' }), "k")],
    ["e-mail: a long key", () => checkEmail(mail(), "k".repeat(257))],
    ["PagerDuty: a short routing key", () => checkPagerDuty(trigger({}, { routing_key: "r" }))],
    ["PagerDuty: a long summary", () => checkPagerDuty(trigger({ summary: "a".repeat(1_025) }))],
    ["PagerDuty: another severity", () => checkPagerDuty(trigger({ severity: "bad" }))],
    ["PagerDuty: a long key", () => checkPagerDuty(trigger({}, { dedup_key: "k".repeat(256) }))],
    ["PagerDuty: a resolve with a payload", () => checkPagerDuty(trigger({}, { event_action: "resolve" }))],
    ["PagerDuty: a large body", () => checkPagerDuty(trigger({ custom_details: "a".repeat(600_000) }))],
    ["webhook: a missing key", () => checkWebhook({ ...v4, groupKey: undefined })],
    ["webhook: another key", () => checkWebhook({ ...v4, extra: 1 })],
    ["webhook: another status", () => checkWebhook({ ...v4, status: "resolved" })],
    ["webhook: an end while it fires", () => checkWebhook({ ...v4, alerts: [{ ...alert, endsAt: alert.startsAt }] })],
    ["webhook: an illegal label", () => checkWebhook({ ...v4, groupLabels: { "a-b": "c" } })],
  ])("find what is wrong: %s", (_, check) => {
    expect(check()).not.toEqual([]);
  });
});

describe("the server", () => {
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await startReceiver();
  });
  afterAll(() => receiver.close());
  afterEach(async () => {
    for (const path of ["messages", "faults"]) await fetch(`${receiver.url}/${path}`, { method: "DELETE" });
  });

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${receiver.url}${path}`, {
      method: "POST",
      redirect: "manual",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const setFault = (fault: unknown) => post("/faults", fault);

  it("answers as the real ones do", async () => {
    const answers = [];
    for (const [path, body, headers] of [
      ["/services/T/B/x", slack([section("a")]), {}],
      ["/services/T/B/x", slack([section("a & b")]), {}],
      ["/emails", mail(), { authorization: "Bearer k", "idempotency-key": "1" }],
      ["/emails", mail(), {}],
      ["/v2/enqueue", trigger(), {}],
      ["/v2/enqueue", trigger({ severity: "bad" }), {}],
      ["/webhook/any", v4, {}],
      ["/webhook", v4, { "webhook-id": "1", "webhook-timestamp": "1", "webhook-signature": "v1,none" }],
      ["/services/T/B/x", "not json", {}],
    ] as const) {
      const response = await post(path, body, headers);
      answers.push(response.status);
      await response.text();
    }
    expect(answers).toEqual([200, 400, 200, 422, 202, 400, 200, 400, 400]);
  });

  it("knows a mail by its key: the same one is taken once, another one is refused", async () => {
    const headers = { authorization: "Bearer k", "idempotency-key": "k" };
    const [first, again] = [await post("/emails", mail(), headers), await post("/emails", mail(), headers)];
    expect(await first.json()).toEqual(await again.json());
    expect((await post("/emails", mail({ subject: "other" }), headers)).status).toBe(409);
    expect(receiver.inbox.entries.map(({ repeat }) => repeat)).toEqual([false, true, true]);
  });

  it("keeps PagerDuty's incidents by key: an acknowledged one stays so, a resolved one opens anew", async () => {
    const states: unknown[] = [];
    for (const action of ["acknowledge", "trigger", "acknowledge", "trigger", "resolve", "resolve", "trigger"]) {
      const event = { routing_key: "r".repeat(32), event_action: action, dedup_key: "k" };
      await post("/v2/enqueue", action === "trigger" ? trigger() : event);
      states.push([...receiver.inbox.incidents.values()][0]?.state);
    }
    expect(states).toEqual([
      undefined,
      "triggered",
      "acknowledged",
      "acknowledged",
      "resolved",
      "resolved",
      "triggered",
    ]);
  });

  it("keeps the last 200", async () => {
    for (let i = 0; i < 205; i++) await (await post("/services/T/B/x", slack([section(`a${i}`)]))).text();
    const kept = (await (await fetch(`${receiver.url}/messages`)).json()) as { id: string }[];
    expect(kept).toHaveLength(200);
    expect(Number(kept.at(-1)?.id.split("-")[1]) - Number(kept[0]?.id.split("-")[1])).toBe(199);
  });

  it("fails on request: by a fault that is set, for one channel, so many times, or by the address", async () => {
    expect((await setFault({ name: "status", status: 429, retryAfter: "2", channel: "slack", times: 1 })).status).toBe(
      200,
    );
    expect((await post("/emails", mail(), { authorization: "Bearer k" })).status).toBe(200);
    const limited = await post("/services/T/B/x", slack([section("a")]));
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "2"]);
    expect((await post("/services/T/B/x", slack([section("a")]))).status).toBe(200);
    expect(
      (await post("/services/T/B/x?fail=503&retry-after=7", slack([section("a")]))).headers.get("retry-after"),
    ).toBe("7");
    expect((await post("/services/T/B/x?fail=redirect", slack([section("a")]))).status).toBe(302);
    for (const fail of ["reset", "refuse", "garbage"])
      await expect(post(`/services/T/B/x?fail=${fail}`, slack([section("a")])), fail).rejects.toThrow();
  });

  it.each([
    [{ name: "nothing" }, "`name` is"],
    [{ name: "hang", channel: "pigeon" }, "`channel` is"],
    [{ name: "hang", times: 0 }, "`times` is"],
    [{ name: "status", status: 99 }, "`status` is"],
    [{ name: "status", retryAfter: "a\nb" }, "`retryAfter` must"],
    [{ name: "hang", more: 1 }, "no field `more`"],
    [null, "A fault is an object"],
  ])("says what is wrong with the fault %j", async (fault, words) => {
    const response = await setFault(fault);
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(words)]);
  });

  it("shows everything as text on a page that runs nothing", async () => {
    const evil = "<script>alert(1)</script>";
    await post("/services/T/B/x", slack([section("&lt;script&gt;alert(1)&lt;/script&gt; *b*")]));
    await post("/emails", mail({ subject: evil, text: evil, html: evil }), { authorization: "Bearer k" });
    await post("/v2/enqueue", trigger({ summary: evil }));
    await post("/webhook", { ...v4, receiver: evil });
    const response = await fetch(receiver.url);
    const page = await response.text();
    expect(page).not.toMatch(/<script/i);
    expect(page).toContain("&lt;script&gt;");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  });
});
