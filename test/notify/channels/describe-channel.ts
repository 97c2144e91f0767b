import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Delivery } from "../../../functions/model/alerting/delivery.ts";
import { findChannel } from "../../../functions/notify/channels/registry.ts";
import { deliver } from "../../../functions/notify/delivery/deliver.ts";
import { alertOf, hostileMessage, messageOf, NOW } from "../any-message.ts";
import { type ChannelSample, endpointOf } from "./sample-endpoints.ts";
import { type Behaviour, scriptedReceiver } from "./scripted-receiver.ts";

const HTTP_DATE = "Sun, 22 Nov 2026 12:00:45 GMT";
const ANSWER = "marker-answer of the receiver: invalid_payload";

/** Every behaviour of a receiver, and what a channel makes of it unless its differences say otherwise. */
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

/** Differences of a channel that reads the answer's words: it does not take just any for a yes. */
export const READS_ANSWER = {
  "200 and an endless body": "uncertain bad_answer",
  "200 and a body that hangs": "uncertain bad_answer",
  "200 and a body that breaks off": "uncertain bad_answer",
  "204 without a body": "failed bad_answer, again",
  "200 with the words of something else": "failed bad_answer, again",
  "200 and JSON of something else": "failed bad_answer, again",
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
  sample: ChannelSample,
  behaviour: Behaviour,
  { secrets = sample.secrets, endpoint = endpointOf(sample), local = false, message = MESSAGE } = {},
) {
  const receiver = scriptedReceiver([behaviour], sample.right);
  const reports: string[] = [];
  const delivery = await deliver(message, endpoint, {
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

const MESSAGE = messageOf([alertOf({ target: "cas-eu" })]);

const plain = (value: unknown): unknown => (typeof value === "string" ? value.replace(/^https:/, "http:") : value);
const allPlain = (options: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(options).map(([key, value]) => [key, plain(value)]));

/** What every channel must do. `differences`: where answers mean something else to it than to all, by name of the table. */
export function describeChannel(sample: ChannelSample, differences: Readonly<Record<string, string>> = {}): void {
  describe(`the contract of ${sample.channel}`, () => {
    it("makes of every behaviour what the table and its differences say", async () => {
      const names = TABLE.map(([name]) => name);
      for (const name of Object.keys(differences)) expect(names).toContain(name);
      const seen: Record<string, string> = {};
      for (const [name, behaviour] of TABLE) {
        const { delivery, receiver, reports } = await tryOnce(sample, behaviour);
        seen[name] = spell(delivery);
        expect(receiver.asked(), name).toBe(1);
        expect(receiver.openBodies(), name).toBe(0);
        for (const { redirect } of receiver.received) expect(redirect, name).toBe("manual");
        // What is kept and shown of a delivery says nothing that the receiver, the address or a secret says.
        expect(JSON.stringify([delivery, reports]), name).not.toMatch(/marker|hooks|example/);
      }
      expect(seen).toEqual(Object.fromEntries(TABLE.map(([name, , common]) => [name, differences[name] ?? common])));
    });

    it("says which binding is missing, and sends nothing", async () => {
      const needed = findChannel(sample.channel)?.bindings(endpointOf(sample).options) ?? [];
      expect(needed).not.toEqual([]);
      for (const name of needed) {
        const { delivery, receiver } = await tryOnce(sample, {}, { secrets: { ...sample.secrets, [name]: "" } });
        expect(delivery).toMatchObject({ kind: "failed", retryable: false, reason: "secret_missing" });
        expect(JSON.stringify(delivery)).toContain(name);
        expect(receiver.asked()).toBe(0);
      }
    });

    it("goes out over https alone, and over http in a local run", async () => {
      const endpoint = endpointOf(sample, { ...allPlain(sample.options), ...sample.plainUrls });
      const secrets = allPlain(sample.secrets) as Record<string, string>;
      const refused = await tryOnce(sample, {}, { secrets, endpoint });
      expect(refused.delivery).toMatchObject({ kind: "failed", retryable: false, reason: "url_policy" });
      expect(refused.receiver.asked()).toBe(0);
      const local = await tryOnce(sample, {}, { secrets, endpoint, local: true });
      expect(local.delivery.kind).toBe("delivered");
    });

    it("says the same in a second try, and marks a drill as one, whatever labels and annotations say", async () => {
      await fc.assert(
        fc.asyncProperty(hostileMessage, async (message) => {
          const [first, second] = [await tryOnce(sample, {}, { message }), await tryOnce(sample, {}, { message })];
          expect(first.delivery.kind).toBe("delivered");
          expect(first.receiver.received.map(({ text }) => text)).toEqual(
            second.receiver.received.map(({ text }) => text),
          );
        }),
        { numRuns: 10, endOnFailure: true },
      );
      const drill = messageOf([alertOf({ target: "cas-eu" })], { test: true, reason: "drill" });
      const { receiver } = await tryOnce(sample, {}, { message: drill });
      expect(receiver.received.map(({ text }) => text).join()).toContain("[DRILL]");
      const real = await tryOnce(sample, {});
      expect(real.receiver.received.map(({ text }) => text).join()).not.toContain("[DRILL]");
    });
  });
}
