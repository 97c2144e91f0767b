import { expect, it } from "vitest";
import type { OutboxRow } from "../../../functions/model/alerting/alerter-state.ts";
import { isOutboxRow } from "../../../functions/store/alerter/alerter-shapes.ts";

const ROW: OutboxRow = {
  message: {
    id: "m",
    receiver: "team",
    endpoint: 0,
    reason: "first notification",
    status: "firing",
    groupKey: "{}",
    groupLabels: {},
    openedAt: 1,
    targets: 1,
    alsoNotified: [],
    alerts: [{ fingerprint: "f", labels: {}, annotations: {}, startsAt: 2, activeSince: 1, status: "firing" }],
    truncated: 0,
    externalUrl: "",
    at: 3,
    test: false,
  },
  endpointKey: "e",
  firing: ["f@2"],
  ended: [],
  acknowledged: [],
  critical: true,
  urgent: true,
  createdAt: 3,
  tries: 0,
  uncertain: 0,
  trying: false,
};

it("a message in the outbox is used as it was written, and not where a field of an alert or its reason is another's", () => {
  const { message } = ROW;
  const [alert] = message.alerts;
  expect(isOutboxRow("m", ROW)).toBe(true);
  expect(isOutboxRow("n", ROW)).toBe(false);
  expect(isOutboxRow("m", { ...ROW, message: { ...message, alerts: [{ ...alert, activeSince: "1" }] } })).toBe(false);
  expect(isOutboxRow("m", { ...ROW, message: { ...message, reason: "because" } })).toBe(false);
});
