import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Delivery } from "../../../functions/model/alerting/delivery.ts";
import { deliver } from "../../../functions/notify/delivery/deliver.ts";
import { type AnswerRules, badAnswer, judgeAnswer } from "../../../functions/notify/delivery/judge-answer.ts";
import { alertOf, messageOf, NOW } from "../any-message.ts";
import { endpointOf, SAMPLES, SECRETS } from "../channels/sample-endpoints.ts";
import { scriptedReceiver } from "../channels/scripted-receiver.ts";

const MOST_RETRY_AFTER_MS = 15 * 60_000;

const rules = (over: Partial<AnswerRules> = {}): AnswerRules => ({
  who: "the receiver",
  repeatable: false,
  accepted: () => ({ kind: "delivered" }),
  ...over,
});

const answered = (status: number, over: Partial<AnswerRules> = {}, retryAfter: string | null = null): Delivery =>
  judgeAnswer({ kind: "answer", status, text: "marker", retryAfter }, rules(over), NOW);

/** What all receivers mean by a status, said once more without looking at the source. */
function meaning(status: number): string {
  if (status < 300) return "delivered";
  if (status < 400) return "failed";
  const special: Readonly<Record<number, string>> = { 429: "again", 520: "uncertain", 524: "uncertain" };
  return special[status] ?? (status < 500 ? "failed" : "again");
}

const kindOf = (delivery: Delivery): string =>
  delivery.kind === "failed" && delivery.retryable ? "again" : delivery.kind;

const STATUSES = Array.from({ length: 400 }, (_, i) => 200 + i);

describe("a status", () => {
  it("means the same for every receiver that does not say other", () => {
    expect(STATUSES.map((status) => `${status} ${kindOf(answered(status))}`)).toEqual(
      STATUSES.map((status) => `${status} ${meaning(status)}`),
    );
  });

  it("has a reason of the closed list", () => {
    const rows: [statuses: number[], reason: string][] = [
      [[300, 301, 302, 304, 307, 308, 399], "redirect"],
      [[400, 402, 404, 405, 408, 409, 411, 413, 418, 422, 425, 451, 499], "rejected"],
      [[401, 403], "unauthorized"],
      [[410], "gone"],
      [[429], "rate_limited"],
      [[500, 501, 502, 503, 504, 505, 519, 527, 599], "server_error"],
      [[520, 521, 522, 523, 525, 526, 530], "connect"],
      [[524], "timeout"],
    ];
    for (const [statuses, reason] of rows)
      for (const status of statuses) expect(answered(status), String(status)).toMatchObject({ reason });
  });

  it("may say `gone` in a receiver's own way, whatever else it means", () => {
    for (const status of [401, 403, 404, 410, 500])
      expect(answered(status, { gone: [401, 403, 404, 500] })).toMatchObject({ reason: "gone", retryable: false });
  });

  it("means what a receiver alone means by it first", () => {
    const special = (status: number): Delivery | undefined => (status === 409 ? { kind: "delivered" } : undefined);
    expect([409, 400].map((status) => kindOf(answered(status, { special })))).toEqual(["delivered", "failed"]);
  });

  it("is asked for its text only by a receiver that has said yes", () => {
    const asked: [number, string | undefined][] = [];
    const accepted = (status: number, text: string | undefined): Delivery => {
      asked.push([status, text]);
      return { kind: "delivered" };
    };
    for (const status of STATUSES) answered(status, { accepted });
    expect(asked).toEqual(STATUSES.slice(0, 100).map((status) => [status, "marker"]));
  });

  it("says nothing of what the receiver says", () => {
    for (const status of STATUSES) expect(JSON.stringify(answered(status))).not.toContain("marker");
  });
});

describe("Retry-After", () => {
  it("is honoured where another try can help, up to a quarter of an hour, and nowhere else", () => {
    fc.assert(
      fc.property(fc.constantFrom(...STATUSES), fc.nat(4000), (status, seconds) => {
        const delivery = answered(status, {}, String(seconds));
        const isHonoured = kindOf(delivery) === "again" && (status === 429 || answered(status).kind === "failed");
        const isOfEdge = "reason" in delivery && delivery.reason === "connect";
        const expected = NOW + Math.min(seconds * 1000, MOST_RETRY_AFTER_MS);
        if (isHonoured && !isOfEdge && seconds > 0) expect(delivery).toMatchObject({ notBefore: expected });
        else expect(delivery).not.toHaveProperty("notBefore");
      }),
    );
  });
});

describe("no answer", () => {
  const none = (why: "connect" | "timeout", taken: boolean): Delivery =>
    judgeAnswer({ kind: "none", why, taken }, rules(), NOW);

  it("is a failure while nothing was taken, and uncertain from then on", () => {
    for (const why of ["connect", "timeout"] as const) {
      expect(none(why, false)).toMatchObject({ kind: "failed", retryable: true, reason: why });
      expect(none(why, true)).toMatchObject({ kind: "uncertain", reason: why });
    }
  });

  it("is as uncertain, and never final, whether or not the receiver knows a message by its key", () => {
    for (const repeatable of [true, false]) {
      const unclear = [answered(520, { repeatable }), answered(524, { repeatable })];
      for (const delivery of [...unclear, badAnswer({ who: "it", repeatable }, undefined)]) {
        expect(delivery.kind).toBe("uncertain");
        expect(delivery).not.toHaveProperty("final");
      }
    }
  });

  it("to what could not be sent never comes", () => {
    const delivery = judgeAnswer({ kind: "unsendable", problem: "is not a URL" }, rules(), NOW);
    expect(delivery).toMatchObject({ kind: "failed", retryable: false, reason: "url_policy" });
  });
});

describe("an answer of something else", () => {
  it("is a failure where it is whole, to be repeated where that is harmless, and uncertain where it is not", () => {
    expect(badAnswer({ who: "it", repeatable: false }, "hello")).toMatchObject({ kind: "failed", retryable: false });
    expect(badAnswer({ who: "it", repeatable: true }, "hello")).toMatchObject({ kind: "failed", retryable: true });
    expect(badAnswer({ who: "it", repeatable: true }, "")).toMatchObject({ kind: "failed" });
  });
});

describe.each(Object.values(SAMPLES))("channel $channel", (sample) => {
  /** Where a receiver's documentation differs from what all mean. */
  const own: Readonly<Record<string, Readonly<Record<number, string>>>> = {
    // A yes of Slack's is 200, no other.
    slack: Object.fromEntries(STATUSES.slice(1, 100).map((status) => [status, "failed"])),
  };

  it("makes of every status what its receiver means by it", async () => {
    const kinds: string[] = [];
    for (const status of STATUSES) {
      const receiver = scriptedReceiver([{ status, text: status === 204 ? "" : "right" }], sample.right);
      const delivery = await deliver(messageOf([alertOf({ target: "cas-eu" })]), endpointOf(sample), {
        secret: (name) => SECRETS[name],
        binding: () => undefined,
        fetch: receiver.fetch,
        now: () => NOW,
        local: false,
        signal: receiver.signal,
        report: () => undefined,
      });
      kinds.push(`${status} ${kindOf(delivery)}`);
    }
    // An answer without a body cannot say yes in words; what a bad answer comes to is the contract's.
    const isBare = (status: number): boolean => status < 300 && [204, 205].includes(status);
    expect(kinds.filter((_, i) => !isBare(200 + i))).toEqual(
      STATUSES.filter((status) => !isBare(status)).map(
        (status) => `${status} ${own[sample.channel]?.[status] ?? meaning(status)}`,
      ),
    );
  });
});
