import { describe, expect, it, vi } from "vitest";
import { deliver } from "../../../functions/notify/delivery/deliver.ts";
import { alertOf, messageOf, NOW } from "../any-message.ts";
import { describeChannel, READS_ANSWER } from "./describe-channel.ts";
import { SAMPLES, sampleEndpoint } from "./sample-endpoints.ts";
import { type Behaviour, scriptedReceiver } from "./scripted-receiver.ts";

describeChannel(SAMPLES.email, READS_ANSWER);

const RIGHT = { status: 200, text: '{"id":"mail-1"}' };
const ADDRESSES = { from: "watch@example.com", to: ["oncall@example.com"], reply_to: "sre@example.com" };

/** Sends one mail by the given ways. `binding`: what the platform's binding does. */
async function send(
  binding: ((mail: never) => unknown) | undefined,
  behaviour: Behaviour | undefined,
  message = messageOf([alertOf({ target: "cas-eu" })]),
) {
  const receiver = scriptedReceiver([behaviour ?? {}], RIGHT);
  const leaving = new AbortController();
  const ways = { binding: "EMAIL", ...(behaviour === undefined ? {} : { api_key: "RESEND_KEY" }) };
  const pending = deliver(message, sampleEndpoint("email", { ...ADDRESSES, ...ways }), {
    secret: () => "re_key",
    binding: () => (binding === undefined ? undefined : { send: binding }),
    fetch: receiver.fetch,
    now: () => NOW,
    local: false,
    signal: AbortSignal.any([leaving.signal, receiver.signal]),
    report: (trace) => expect(trace).toBe("no bug"),
  });
  return { pending, receiver, leave: () => leaving.abort() };
}

const fails = (code?: string) => () => Promise.reject(Object.assign(new Error("marker of the platform"), { code }));

describe("by the platform's binding", () => {
  it("sends headers that it takes, and never a Message-ID, which it refuses", async () => {
    const mails: Record<string, unknown>[] = [];
    const { pending } = await send((mail: Record<string, unknown>) => {
      mails.push(mail);
      return Promise.resolve({ messageId: "<1@cloudflare>" });
    }, undefined);
    expect(await pending).toEqual({ kind: "delivered", ref: "<1@cloudflare>" });
    expect(mails).toMatchObject([
      { from: "watch@example.com", to: ["oncall@example.com"], replyTo: "sre@example.com" },
    ]);
    const names = Object.keys(mails[0]?.["headers"] as object).sort();
    expect(names).toEqual(["Auto-Submitted", "Importance", "In-Reply-To", "References"]);
  });

  it.each([
    ["E_RATE_LIMIT_EXCEEDED", { kind: "failed", retryable: true, reason: "rate_limited" }],
    ["E_DAILY_LIMIT_EXCEEDED", { kind: "failed", retryable: true, reason: "rate_limited" }],
    ["E_INTERNAL_SERVER_ERROR", { kind: "failed", retryable: true, reason: "server_error" }],
    ["E_SENDER_NOT_VERIFIED", { kind: "failed", retryable: false, reason: "unauthorized" }],
    ["E_RECIPIENT_SUPPRESSED", { kind: "failed", retryable: false, reason: "rejected" }],
    ["E_OF_TOMORROW", { kind: "failed", retryable: false, reason: "rejected" }],
    [undefined, { kind: "uncertain", reason: "internal" }],
  ])("%s", async (code, expected) => {
    const delivery = await (await send(fails(code), undefined)).pending;
    expect(delivery).toMatchObject(expected);
    expect(JSON.stringify(delivery)).not.toContain("marker");
  });

  it("says which binding is missing", async () => {
    const delivery = await (await send(undefined, undefined)).pending;
    expect(delivery).toMatchObject({ kind: "failed", retryable: false, reason: "secret_missing" });
    expect(JSON.stringify(delivery)).toContain("EMAIL");
  });

  it("counts a mail as possibly sent where the binding never answers", async () => {
    const { pending, leave } = await send(() => new Promise(() => undefined), undefined);
    leave();
    expect(await pending).toMatchObject({ kind: "uncertain", reason: "timeout" });
  });
});

describe("by both ways", () => {
  it("takes the second where the first surely sent nothing", async () => {
    for (const first of [undefined, fails("E_DAILY_LIMIT_EXCEEDED"), fails("E_SENDER_NOT_VERIFIED")]) {
      const { pending, receiver } = await send(first, {});
      expect(await pending).toEqual({ kind: "delivered", ref: "mail-1" });
      expect(receiver.received[0]?.headers.get("idempotency-key")).toBe("m-1");
    }
  });

  it("takes the second also where the first may have sent it, and says so only where the second surely did not", async () => {
    const { pending, receiver } = await send(fails(undefined), {});
    expect(await pending).toEqual({ kind: "delivered", ref: "mail-1" });
    expect(receiver.asked()).toBe(1);
    for (const status of [401, 429, 500])
      expect(await (await send(fails(undefined), { status })).pending).toMatchObject({
        kind: "uncertain",
        reason: "internal",
      });
  });

  it("leaves the second half of the time where the first hangs", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { pending } = await send(() => new Promise(() => undefined), {});
    await vi.advanceTimersByTimeAsync(5_000);
    vi.useRealTimers();
    expect(await pending).toEqual({ kind: "delivered", ref: "mail-1" });
  });

  it("tries again while either way may work", async () => {
    const again = await send(fails("E_RATE_LIMIT_EXCEEDED"), { status: 401 });
    expect(await again.pending).toMatchObject({ kind: "failed", retryable: true, reason: "rate_limited" });
    const never = await send(fails("E_SENDER_NOT_VERIFIED"), { status: 401 });
    expect(await never.pending).toMatchObject({ kind: "failed", retryable: false, reason: "unauthorized" });
    const lost = await send(fails("E_RATE_LIMIT_EXCEEDED"), { fails: "after" });
    expect(await lost.pending).toMatchObject({ kind: "uncertain", reason: "connect" });
  });
});

describe("by the HTTP provider", () => {
  it("waits for an earlier try that is still under way there", async () => {
    const body = { status: 409, text: '{"name":"concurrent_idempotent_requests","message":"marker"}' };
    const { pending } = await send(undefined, body);
    expect(await pending).toMatchObject({ kind: "uncertain", reason: "server_error" });
  });

  it("puts all mails of a group into one thread, each with an id of its own", async () => {
    const mails: { headers: Record<string, string> }[] = [];
    for (const id of ["m-1", "m-2"]) {
      const { pending, receiver } = await send(undefined, {}, messageOf([alertOf({ target: "cas-eu" })], { id }));
      await pending;
      mails.push(JSON.parse(receiver.received[0]?.text ?? "null"));
    }
    const [first, second] = mails.map(({ headers }) => headers);
    expect(first?.["References"]).toMatch(/^<[^<>\s]+@example\.com>$/);
    expect(second).toEqual({ ...first, "Message-ID": second?.["Message-ID"] });
    expect(second?.["Message-ID"]).not.toBe(first?.["Message-ID"]);
  });
});
