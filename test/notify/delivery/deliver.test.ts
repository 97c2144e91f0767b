import { expect, it, vi } from "vitest";
import type { Delivery } from "../../../functions/model/alerting/delivery.ts";
import { slack } from "../../../functions/notify/channels/slack.ts";
import { deliver } from "../../../functions/notify/delivery/deliver.ts";
import { deliverParts } from "../../../functions/notify/delivery/deliver-parts.ts";
import { alertOf, messageOf, NOW } from "../any-message.ts";
import { sampleEndpoint } from "../channels/sample-endpoints.ts";

const DELIVERED: Delivery = { kind: "delivered" };
const LATER: Delivery = { kind: "failed", retryable: true, notBefore: 7, reason: "rate_limited", message: "slow down" };
const REJECTED: Delivery = { kind: "failed", retryable: false, reason: "rejected", message: "no" };
const UNAUTHORIZED: Delivery = { kind: "failed", retryable: false, reason: "unauthorized", message: "no" };
const LOST: Delivery = { kind: "uncertain", reason: "connect", message: "lost" };

const parts = (...deliveries: Delivery[]) => deliverParts(deliveries.map((delivery) => async () => delivery));

it("is delivered when all parts are, and says of a part that failed what it does to the whole", async () => {
  expect(await parts()).toEqual(DELIVERED);
  expect(await parts(DELIVERED, DELIVERED)).toEqual(DELIVERED);
  // Nobody has been told yet.
  expect(await parts(LATER, LATER)).toEqual(LATER);
  expect(await parts(REJECTED, REJECTED)).toEqual(REJECTED);
  // Some have, so the whole is uncertain; and final where another try cannot help.
  const some = await parts(DELIVERED, LATER);
  expect(some).toMatchObject({ kind: "uncertain", notBefore: 7, reason: "rate_limited" });
  expect(some).not.toHaveProperty("final");
  expect(await parts(DELIVERED, LOST)).toEqual(LOST);
  expect(await parts(DELIVERED, REJECTED)).toMatchObject({
    kind: "uncertain",
    final: true,
    reason: "rejected",
  });
  expect(await parts(LATER, LOST)).toEqual(LOST);
  expect(await parts(REJECTED, LATER)).toEqual(LATER);
});

it("stops asking a receiver that takes nothing, and goes on past a part that was refused for what it says", async () => {
  for (const [first, expected] of [
    [LATER, 4],
    [UNAUTHORIZED, 4],
    [REJECTED, 100],
  ] as const) {
    let asked = 0;
    await deliverParts(
      Array.from({ length: 100 }, (_, i) => async () => {
        asked++;
        return i < 4 ? first : DELIVERED;
      }),
    );
    expect(asked).toBe(expected);
  }
});

const deps = (report: (trace: string) => void) => ({
  secret: () => "https://hooks.slack.example/marker",
  binding: () => undefined,
  fetch,
  now: () => NOW,
  local: false,
  report,
});

it("turns a bug of a channel into a failure, and logs where it is but nothing of what it says", async () => {
  const reports: string[] = [];
  vi.spyOn(slack, "send").mockRejectedValueOnce(new Error("marker of a secret"));
  const delivery = await deliver(
    messageOf([alertOf({})]),
    sampleEndpoint("slack"),
    deps((trace) => reports.push(trace)),
  );
  expect(delivery).toMatchObject({ kind: "failed", retryable: false, reason: "render" });
  expect(reports).toHaveLength(1);
  expect(JSON.stringify([delivery, reports])).not.toContain("marker");
});

it("has an answer for an endpoint of a channel that this version does not have", async () => {
  const endpoint = { channel: "pigeon", options: {}, sendResolved: true };
  expect(
    await deliver(
      messageOf([alertOf({})]),
      endpoint,
      deps(() => undefined),
    ),
  ).toMatchObject({ kind: "failed", reason: "internal" });
});
