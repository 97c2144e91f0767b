import { expect, it } from "vitest";
import { endAlert } from "../../functions/alerter/intake.ts";
import type { KnownAlert } from "../../functions/model/alerting/alerter-state.ts";
import type { AlerterHead } from "../../functions/store/alerter/alerter-head.ts";

const NOW = Date.UTC(2030, 0, 1);
const FIRING = { fingerprint: "f", startsAt: NOW } as KnownAlert;

/** What is stored of an alert that ends. */
function ended(known: KnownAlert | undefined, startsAt: number, resolvedAt: number, receivedAt?: number) {
  const stored: KnownAlert[] = [];
  const head = { newestOf: () => known, putAlert: (alert: KnownAlert) => stored.push(alert) } as unknown as AlerterHead;
  endAlert(head, { fingerprint: "f", startsAt }, "recovered", resolvedAt, receivedAt);
  return stored;
}

it("an end is that of the alert's last moment, and remembers when it became known where that was later", () => {
  const end = { fingerprint: "f", startsAt: NOW, resolvedAt: NOW + 5, why: "recovered" };
  expect(ended(FIRING, NOW, NOW + 5)).toEqual([end]);
  expect(ended(FIRING, NOW, NOW + 5, NOW + 5)).toEqual([end]);
  expect(ended(FIRING, NOW, NOW + 5, NOW + 4)).toEqual([end]);
  expect(ended(FIRING, NOW, NOW + 5, NOW + 60)).toEqual([{ ...end, endReceivedAt: NOW + 60 }]);
});

it("an end is nothing to an alert that began later, has ended, or is unknown", () => {
  expect(ended(FIRING, NOW - 1, NOW + 5)).toEqual([]);
  expect(ended(FIRING, NOW + 1, NOW + 5)).toHaveLength(1);
  expect(ended({ ...FIRING, resolvedAt: NOW + 1 }, NOW, NOW + 5)).toEqual([]);
  expect(ended(undefined, NOW, NOW + 5)).toEqual([]);
});
