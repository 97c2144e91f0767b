import { describe, expect, it } from "vitest";
import type { Delivery } from "../../../functions/model/alerting/delivery.ts";
import { CHANNELS } from "../../../functions/notify/channels/registry.ts";
import { deliver } from "../../../functions/notify/delivery/deliver.ts";
import { alertOf, messageOf, NOW } from "../any-message.ts";
import { SAMPLES, SECRETS, sampleEndpoint } from "./sample-endpoints.ts";
import { type Behaviour, scriptedReceiver } from "./scripted-receiver.ts";

const HTTP_DATE = "Sun, 22 Nov 2026 12:00:45 GMT";
const ANSWER = "marker-answer of the receiver: invalid_payload";

/** Every behaviour of a receiver, and what a channel makes of it unless the second table says otherwise. */
const TABLE: readonly [name: string, behaviour: Behaviour, expected: string][] = [
  ["takes it", {}, "delivered"],
  ["takes it, 200", { status: 200 }, "delivered"],
  ["takes it, 202", { status: 202 }, "delivered"],
  ["204 without a body", { status: 204 }, "delivered"],
  ["200 with the words of something else", { status: 200, text: ANSWER }, "delivered"],
  ["200 and JSON of something else", { status: 200, text: '{"marker-answer":null}' }, "delivered"],
  ["200 and an endless body", { status: 200, text: ANSWER, after: "endless" }, "delivered"],
  ["200 and a body that hangs", { status: 200, text: "o", after: "hang" }, "delivered"],
  ["200 and a body that breaks off", { status: 200, text: "o", after: "break" }, "delivered"],
  ["301", { status: 301, headers: { location: "https://marker-location.example" } }, "failed redirect"],
  ["302", { status: 302, headers: { location: "https://marker-location.example" } }, "failed redirect"],
  ["304", { status: 304 }, "failed redirect"],
  ["307", { status: 307, headers: { location: "/marker-location" } }, "failed redirect"],
  ["400", { status: 400, text: ANSWER }, "failed rejected"],
  ["401", { status: 401, text: ANSWER }, "failed unauthorized"],
  ["403", { status: 403, text: ANSWER }, "failed unauthorized"],
  ["404", { status: 404, text: ANSWER }, "failed rejected"],
  ["408", { status: 408, text: ANSWER }, "failed rejected"],
  ["409", { status: 409, text: ANSWER }, "failed rejected"],
  ["410", { status: 410, text: ANSWER }, "failed gone"],
  ["413", { status: 413, text: ANSWER }, "failed rejected"],
  ["422", { status: 422, text: ANSWER }, "failed rejected"],
  ["429", { status: 429, text: ANSWER }, "failed rate_limited, again"],
  ["429 in 30 s", { status: 429, headers: { "retry-after": "30" } }, "failed rate_limited, again in 30 s"],
  ["429 at a date", { status: 429, headers: { "retry-after": HTTP_DATE } }, "failed rate_limited, again in 45 s"],
  ["429 in a day", { status: 429, headers: { "retry-after": "86400" } }, "failed rate_limited, again in 900 s"],
  [
    "429 in the past",
    { status: 429, headers: { "retry-after": "Sat, 21 Nov 2026 12:00:00 GMT" } },
    "failed rate_limited, again",
  ],
  ["429 in words", { status: 429, headers: { "retry-after": "marker-answer" } }, "failed rate_limited, again"],
  ["500", { status: 500, text: ANSWER }, "failed server_error, again"],
  ["500 and an endless body", { status: 500, text: ANSWER, after: "endless" }, "failed server_error, again"],
  ["500 and a body that hangs", { status: 500, text: ANSWER, after: "hang" }, "failed server_error, again"],
  ["502", { status: 502 }, "failed server_error, again"],
  ["503", { status: 503 }, "failed server_error, again"],
  ["503 in 7 s", { status: 503, headers: { "retry-after": "7" } }, "failed server_error, again in 7 s"],
  ["504", { status: 504 }, "failed server_error, again"],
  ["520 of the edge", { status: 520 }, "uncertain connect"],
  ["521 of the edge", { status: 521 }, "failed connect, again"],
  ["522 of the edge", { status: 522 }, "failed connect, again"],
  ["524 of the edge", { status: 524 }, "uncertain timeout"],
  ["526 of the edge", { status: 526 }, "failed connect, again"],
  ["530 of the edge", { status: 530, text: "error code: 1016" }, "failed connect, again"],
  ["no connection", { fails: "before" }, "failed connect, again"],
  ["takes nothing and hangs", { hangs: "before" }, "failed timeout, again"],
  ["takes it and hangs", { hangs: "after" }, "uncertain timeout"],
  ["takes it and is lost", { fails: "after" }, "uncertain connect"],
];

/** A channel that reads the answer's words does not take just any for a yes. */
const NOT_WHOLE = {
  "200 and an endless body": "uncertain bad_answer",
  "200 and a body that hangs": "uncertain bad_answer",
  "200 and a body that breaks off": "uncertain bad_answer",
  "204 without a body": "failed bad_answer, again",
  "200 with the words of something else": "failed bad_answer, again",
  "200 and JSON of something else": "failed bad_answer, again",
};

/** Where a channel differs from the first table. */
const DIFFERENCES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // Slack's answer is 200 and "ok", nothing else; a missing or closed channel stays so.
  slack: {
    "200 and an endless body": "uncertain bad_answer",
    "200 and a body that hangs": "uncertain bad_answer",
    "200 and a body that breaks off": "uncertain bad_answer",
    "204 without a body": "failed bad_answer",
    "200 with the words of something else": "failed bad_answer",
    "200 and JSON of something else": "failed bad_answer",
    "takes it, 202": "failed bad_answer",
    "403": "failed gone",
    "404": "failed gone",
  },
  email: NOT_WHOLE,
  pagerduty: NOT_WHOLE,
  webhook: {},
  alertmanager: {},
};

/** A delivery in the words of the tables. */
function spell(delivery: Delivery): string {
  if (delivery.kind === "delivered") return "delivered";
  const words = `${delivery.kind} ${delivery.reason}`;
  if (delivery.kind === "uncertain" || !delivery.retryable) return words;
  return delivery.notBefore === undefined
    ? `${words}, again`
    : `${words}, again in ${(delivery.notBefore - NOW) / 1_000} s`;
}

/** Delivers a message to a receiver that behaves so. */
async function tryOnce(
  channel: string,
  behaviour: Behaviour,
  secrets: Readonly<Record<string, string>> = SECRETS,
  { endpoint = sampleEndpoint(channel), local = false } = {},
) {
  const receiver = scriptedReceiver([behaviour], SAMPLES[channel]?.right ?? { status: 200, text: "" });
  const reports: string[] = [];
  const delivery = await deliver(messageOf([alertOf({ target: "cas-eu" })]), endpoint, {
    secret: (name) => secrets[name],
    binding: () => undefined,
    fetch: receiver.fetch,
    now: () => NOW,
    local,
    signal: receiver.signal,
    report: (trace) => reports.push(trace),
  });
  return { delivery, receiver, reports };
}

it("has a sample and a row for every channel of the registry", () => {
  const names = CHANNELS.map(({ channel }) => channel);
  expect(Object.keys(SAMPLES)).toEqual(names);
  expect(Object.keys(DIFFERENCES)).toEqual(names);
  for (const row of Object.values(DIFFERENCES))
    for (const name of Object.keys(row)) expect(TABLE.map(([known]) => known)).toContain(name);
});

describe.each(CHANNELS.map(({ channel }) => channel))("channel %s", (channel) => {
  it("makes of every behaviour what the tables say", async () => {
    const seen: Record<string, string> = {};
    for (const [name, behaviour] of TABLE) {
      const { delivery, receiver, reports } = await tryOnce(channel, behaviour);
      seen[name] = spell(delivery);
      expect(receiver.asked(), name).toBe(1);
      expect(receiver.openBodies(), name).toBe(0);
      for (const { redirect } of receiver.received) expect(redirect, name).toBe("manual");
      // What is kept and shown of a delivery says nothing that the receiver, the address or a secret says.
      expect(JSON.stringify([delivery, reports]), name).not.toMatch(/marker|hooks|example/);
    }
    const expected = Object.fromEntries(
      TABLE.map(([name, , common]) => [name, DIFFERENCES[channel]?.[name] ?? common]),
    );
    expect(seen).toEqual(expected);
  });

  it("says which binding is missing, and sends nothing", async () => {
    const endpoint = sampleEndpoint(channel);
    const needed = CHANNELS.find((one) => one.channel === channel)?.bindings(endpoint.options) ?? [];
    expect(needed).not.toEqual([]);
    for (const name of needed) {
      const { delivery, receiver } = await tryOnce(channel, {}, { ...SECRETS, [name]: "" });
      expect(delivery).toMatchObject({ kind: "failed", retryable: false, reason: "secret_missing" });
      expect(JSON.stringify(delivery)).toContain(name);
      expect(receiver.asked()).toBe(0);
    }
  });

  it("goes out over https alone, and over http in a local run", async () => {
    const plain = (value: unknown): unknown => (typeof value === "string" ? value.replace(/^https:/, "http:") : value);
    const { options } = SAMPLES[channel] as { options: Record<string, unknown> };
    const urls = { email: { api_url: "http://mail.example" }, pagerduty: { events_url: "http://events.example" } };
    const endpoint = sampleEndpoint(channel, {
      ...Object.fromEntries(Object.entries(options).map(([key, value]) => [key, plain(value)])),
      ...urls[channel as keyof typeof urls],
    });
    const secrets = Object.fromEntries(Object.entries(SECRETS).map(([key, value]) => [key, String(plain(value))]));
    const refused = await tryOnce(channel, {}, secrets, { endpoint });
    expect(refused.delivery).toMatchObject({ kind: "failed", retryable: false, reason: "url_policy" });
    expect(refused.receiver.asked()).toBe(0);
    const local = await tryOnce(channel, {}, secrets, { endpoint, local: true });
    expect(local.delivery.kind).toBe("delivered");
  });
});
