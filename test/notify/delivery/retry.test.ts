import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EndpointState, OutboxRow } from "../../../functions/model/alerting/alerter-state.ts";
import { DELIVERY_REASONS, type Delivery, type DeliveryReason } from "../../../functions/model/alerting/delivery.ts";
import {
  beginTry,
  endTry,
  isOpen,
  lostTry,
  MAX_RETRY_AFTER_MS,
  OPEN_AFTER,
  readyAt,
  URGENT_END_MS,
  URGENT_WAIT_MS,
} from "../../../functions/notify/delivery/retry.ts";
import { messageOf, NOW } from "../any-message.ts";

const MAX_WAIT_MS = 300_000;

const FIRST_WAIT_MS = 5_000;

const GIVE_UP_MS = 86_400_000;

const row = (over: Partial<OutboxRow> = {}): OutboxRow => ({
  message: messageOf([]),
  endpointKey: "e",
  firing: [],
  ended: [],
  acknowledged: [],
  critical: false,
  urgent: false,
  createdAt: NOW - 1000,
  tries: 0,
  uncertain: 0,
  trying: false,
  ...over,
});

const endpoint = (failures: number): EndpointState => ({
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
const uncertain = (notBefore?: number): Delivery => ({
  kind: "uncertain",
  reason: "timeout",
  message: "our words",
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
  const partly: Delivery = { kind: "uncertain", final: true, reason: "rejected", message: "our words" };
  const rows: [what: string, given: Partial<OutboxRow>, delivery: Delivery, outcome: object][] = [
    ["delivered", {}, DELIVERED, { kind: "arrived" }],
    ["delivered at last", { createdAt: old, uncertain: 1 }, DELIVERED, { kind: "arrived" }],
    ["failed for now", {}, AGAIN, { kind: "again" }],
    ["failed for now, almost a day old", { createdAt: young }, AGAIN, { kind: "again" }],
    ["failed for now, a day old", { createdAt: old }, AGAIN, { ...dead, reason: "server_error" }],
    [
      "failed for now, a day old, and may have come once",
      { createdAt: old, uncertain: 1 },
      AGAIN,
      { ...dead, reason: "server_error" },
    ],
    ["failed for good", {}, failed("rejected", false), { ...dead, reason: "rejected" }],
    ["failed for good, and may have come once", { uncertain: 1 }, failed("gone", false), { ...dead, reason: "gone" }],
    ["uncertain once", {}, uncertain(), { kind: "again" }],
    ["uncertain twice", { uncertain: 1 }, uncertain(), { kind: "again" }],
    ["uncertain for almost a day", { createdAt: young, uncertain: 500 }, uncertain(), { kind: "again" }],
    ["uncertain, a day old", { createdAt: old }, uncertain(), { ...dead, reason: "timeout" }],
    ["taken in part, and refused for good", {}, partly, { ...dead, reason: "rejected" }],
  ];
  it.each(rows)("%s", (_what, given, delivery, outcome) => {
    const after = endTry(row({ ...given, trying: true }), endpoint(0), delivery, NOW, 0.5);
    expect(after.outcome).toEqual(outcome);
    expect(after.row.trying).toBe(false);
    expect(after.row.uncertain).toBe((given.uncertain ?? 0) + (delivery.kind === "uncertain" ? 1 : 0));
  });

  it("is stored before a try, and counts a try whose end nobody saw as uncertain", () => {
    const begun = beginTry(row({ tries: 3 }), NOW);
    expect(begun).toMatchObject({ tries: 4, triedAt: NOW, uncertain: 0, trying: true });
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
      waitOf(0, 0.5, uncertain(NOW + ms)),
    ];
    expect(asked(60_000)).toEqual([60_000, 60_000]);
    expect(asked(1000)).toEqual([5000, 5000]);
    expect(asked(-60_000)).toEqual([5000, 5000]);
    expect(asked(86_400_000)).toEqual([MAX_RETRY_AFTER_MS, MAX_RETRY_AFTER_MS]);
  });
});

describe("the wait of an urgent message", () => {
  const day = failed("rate_limited", true, NOW + 86_400_000);
  /** How long after the failure of some message the row is tried, s. */
  const secondsOf = (over: Partial<OutboxRow>, delivery: Delivery = day, failures = 9): number => {
    const { endpoint: after } = endTry(row(), endpoint(failures), delivery, NOW, 0.5);
    return (readyAt(row({ tries: 1, firing: ["a"], ...over }), after) - NOW) / 1000;
  };

  it("is under a minute whatever the receiver asks for and however often it has failed, and no other's is", () => {
    const hour = MAX_RETRY_AFTER_MS / 1000;
    expect([secondsOf({}), secondsOf({ urgent: true })]).toEqual([hour, URGENT_WAIT_MS / 1000]);
    expect([secondsOf({}, AGAIN), secondsOf({ urgent: true }, AGAIN)]).toEqual([MAX_WAIT_MS / 1000, 45]);
    expect([secondsOf({ urgent: true }, AGAIN, 0), secondsOf({ urgent: true }, uncertain(), 1)]).toEqual([5, 10]);
    // Two tries of 11 s at the longest stay within the minute of the design.
    expect(URGENT_WAIT_MS + 11_000).toBeLessThan(60_000);
  });

  it("is some seconds for a critical message that was never tried, so that others' failures do not hold it back", () => {
    expect(secondsOf({ urgent: true, critical: true, tries: 0 })).toBe(FIRST_WAIT_MS / 1000);
    expect(secondsOf({ urgent: true, tries: 0 })).toBe(URGENT_WAIT_MS / 1000);
  });

  it("is the usual one for ends alone, once they are late anyway", () => {
    const end = { urgent: true, critical: true, firing: [], ended: ["a"] };
    expect(secondsOf({ ...end, createdAt: NOW - URGENT_END_MS + 1 }, AGAIN)).toBe(45);
    expect(secondsOf({ ...end, createdAt: NOW - URGENT_END_MS }, AGAIN)).toBe(MAX_WAIT_MS / 1000);
  });

  it("is none where nothing has failed", () => {
    expect(readyAt(row({ urgent: true }), { retryAt: 0 })).toBe(0);
  });
});

describe("the circuit of an endpoint", () => {
  it("opens with so many failures in a row, and closes with the first message that arrives", () => {
    let known = endpoint(0);
    const open: boolean[] = [];
    for (const delivery of [AGAIN, uncertain(), AGAIN, AGAIN, DELIVERED, AGAIN]) {
      known = endTry(row(), known, delivery, NOW, 0.5).endpoint;
      open.push(isOpen(known));
    }
    expect(open).toEqual([false, false, true, true, false, false]);
    expect(OPEN_AFTER).toBe(3);
    const healthy = endTry(row(), { ...endpoint(9), failedAt: NOW - 1 }, DELIVERED, NOW, 0.5).endpoint;
    expect(healthy).toMatchObject({ failures: 0, retryAt: 0 });
    expect(healthy).not.toHaveProperty("failedAt");
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
