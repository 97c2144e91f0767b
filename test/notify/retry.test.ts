import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KnownEndpoint, OutboxRow } from "../../functions/model/alert-book.ts";
import { DELIVERY_REASONS, type Delivery, type DeliveryReason } from "../../functions/model/delivery.ts";
import {
  beginTry,
  endTry,
  FIRST_WAIT_MS,
  GIVE_UP_MS,
  isOpen,
  lostTry,
  MAX_RETRY_AFTER_MS,
  MAX_UNCERTAIN,
  MAX_WAIT_MS,
  OPEN_AFTER,
} from "../../functions/notify/retry.ts";
import { messageOf, NOW } from "./any-message.ts";

const row = (over: Partial<OutboxRow> = {}): OutboxRow => ({
  message: messageOf([]),
  endpointKey: "e",
  firing: [],
  ended: [],
  acknowledged: [],
  critical: false,
  createdAt: NOW - 1000,
  tries: 0,
  uncertain: 0,
  trying: false,
  ...over,
});

const endpoint = (failures: number): KnownEndpoint => ({
  receiver: "team",
  index: 0,
  endpoint: { channel: "fake", options: {}, sendResolved: true },
  failures,
  retryAt: NOW - 1,
});

const DELIVERED: Delivery = { kind: "delivered" };
const failed = (reason: DeliveryReason, retryable: boolean, notBefore?: number): Delivery => ({
  kind: "failed",
  retryable,
  reason,
  message: "our words",
  ...(notBefore === undefined ? {} : { notBefore }),
});
const uncertain = (repeatable: boolean, notBefore?: number): Delivery => ({
  kind: "uncertain",
  reason: "timeout",
  message: "our words",
  ...(repeatable ? { repeatable } : {}),
  ...(notBefore === undefined ? {} : { notBefore }),
});
const AGAIN = failed("server_error", true);

/** The wait that a failure brings, ms. */
const waitOf = (failures: number, jitter: number, delivery: Delivery = AGAIN): number =>
  endTry(row(), endpoint(failures), delivery, NOW, jitter).endpoint.retryAt - NOW;

describe("what becomes of a message", () => {
  const young = NOW - GIVE_UP_MS + 1;
  const old = NOW - GIVE_UP_MS;
  const dead = { kind: "dead", why: "our words" };
  const told = { kind: "arrived", uncertain: true };
  const rows: [what: string, given: Partial<OutboxRow>, delivery: Delivery, outcome: object][] = [
    ["delivered", {}, DELIVERED, { kind: "arrived", uncertain: false }],
    ["delivered at last", { createdAt: old, uncertain: 1 }, DELIVERED, { kind: "arrived", uncertain: false }],
    ["failed for now", {}, AGAIN, { kind: "again" }],
    ["failed for now, almost a day old", { createdAt: young }, AGAIN, { kind: "again" }],
    ["failed for now, a day old", { createdAt: old }, AGAIN, { ...dead, reason: "server_error" }],
    ["failed for now, a day old, and may have come once", { createdAt: old, uncertain: 1 }, AGAIN, told],
    ["failed for good", {}, failed("rejected", false), { ...dead, reason: "rejected" }],
    ["failed for good, and may have come once", { uncertain: 1 }, failed("gone", false), { ...dead, reason: "gone" }],
    ["uncertain once", {}, uncertain(false), { kind: "again" }],
    ["uncertain as often as is allowed", { uncertain: MAX_UNCERTAIN - 1 }, uncertain(false), told],
    ["uncertain, and harmless to repeat", { uncertain: 50 }, uncertain(true), { kind: "again" }],
    ["uncertain for a day, and harmless to repeat", { createdAt: old }, uncertain(true), told],
    ["uncertain once, a day old", { createdAt: old }, uncertain(false), told],
  ];
  it.each(rows)("%s", (_what, given, delivery, outcome) => {
    const after = endTry(row({ ...given, trying: true }), endpoint(0), delivery, NOW, 0.5);
    expect(after.outcome).toEqual(outcome);
    expect(after.row.trying).toBe(false);
    expect(after.row.uncertain).toBe((given.uncertain ?? 0) + (delivery.kind === "uncertain" ? 1 : 0));
  });

  it("is stored before a try, and counts a try whose end nobody saw as uncertain", () => {
    const begun = beginTry(row({ tries: 3 }));
    expect(begun).toMatchObject({ tries: 4, uncertain: 0, trying: true });
    expect(lostTry(begun)).toMatchObject({ tries: 4, uncertain: 1, trying: false });
  });
});

describe("the wait after a failure", () => {
  it("begins with some seconds, doubles, and grows no longer than some minutes", () => {
    const waits = Array.from({ length: 12 }, (_, failures) => waitOf(failures, 0.5));
    expect(waits.slice(0, 7)).toEqual([5, 10, 20, 40, 80, 160, 300].map((s) => s * 1000));
    expect(new Set(waits.slice(6))).toEqual(new Set([MAX_WAIT_MS]));
    expect([waitOf(5000, 0.5), FIRST_WAIT_MS]).toEqual([MAX_WAIT_MS, 5000]);
  });

  it("is spread by a quarter to both sides, so that receivers which failed together are not asked together", () => {
    expect([waitOf(0, 0), waitOf(0, 0.5), waitOf(0, 1)]).toEqual([3750, 5000, 6250]);
    fc.assert(
      fc.property(fc.nat(5000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (failures, jitter) => {
        const steady = waitOf(failures, 0.5);
        expect(waitOf(failures, jitter)).toBeGreaterThanOrEqual(steady * 0.75);
        expect(waitOf(failures, jitter)).toBeLessThanOrEqual(steady * 1.25);
      }),
    );
  });

  it("is no shorter than the receiver asks for, and believes it for an hour at most", () => {
    const asked = (ms: number): [number, number] => [
      waitOf(0, 0.5, failed("rate_limited", true, NOW + ms)),
      waitOf(0, 0.5, uncertain(true, NOW + ms)),
    ];
    expect(asked(60_000)).toEqual([60_000, 60_000]);
    expect(asked(1000)).toEqual([5000, 5000]);
    expect(asked(-60_000)).toEqual([5000, 5000]);
    expect(asked(86_400_000)).toEqual([MAX_RETRY_AFTER_MS, MAX_RETRY_AFTER_MS]);
  });
});

describe("the circuit of an endpoint", () => {
  it("opens with so many failures in a row, and closes with the first message that arrives", () => {
    let known = endpoint(0);
    const open: boolean[] = [];
    for (const delivery of [AGAIN, uncertain(false), AGAIN, AGAIN, DELIVERED, AGAIN]) {
      known = endTry(row(), known, delivery, NOW, 0.5).endpoint;
      open.push(isOpen(known));
    }
    expect(open).toEqual([false, false, true, true, false, false]);
    expect(OPEN_AFTER).toBe(3);
    expect(endTry(row(), endpoint(9), DELIVERED, NOW, 0.5).endpoint).toMatchObject({ failures: 0, retryAt: 0 });
  });

  it("counts every failure but those that say something of one message alone", () => {
    const blamed = DELIVERY_REASONS.filter((reason) => {
      const after = endTry(row(), endpoint(1), failed(reason, false), NOW, 0.5).endpoint;
      expect(after.retryAt > NOW).toBe(after.failures > 1);
      return after.failures > 1;
    });
    expect(DELIVERY_REASONS.filter((reason) => !blamed.includes(reason))).toEqual(["rejected", "render", "internal"]);
    for (const reason of DELIVERY_REASONS)
      expect(endTry(row(), endpoint(1), failed(reason, true), NOW, 0.5).endpoint.failures).toBe(2);
  });
});
