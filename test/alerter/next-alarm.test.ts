import fc from "fast-check";
import { expect, it } from "vitest";
import { nextAlarm } from "../../functions/alerter/next-alarm.ts";
import type { EndpointState, OutboxRow } from "../../functions/model/alerting/alerter-state.ts";
import type { AlerterHead } from "../../functions/store/alerter/alerter-head.ts";

const NOW = Date.UTC(2030, 0, 1);
const near = fc.integer({ min: NOW - 120_000, max: NOW + 120_000 });

it("never comes for this very moment, and within a minute, whatever is due", () => {
  const rows = fc.array(fc.record({ createdAt: near, retryAt: near, isKnown: fc.boolean() }), { maxLength: 3 });
  fc.assert(
    fc.property(
      rows,
      fc.option(near, { nil: undefined }),
      fc.option(near, { nil: undefined }),
      (all, wokenAt, decideAt) => {
        const outbox = new Map(
          all.map(({ createdAt }, i) => [
            `m${i}`,
            {
              endpointKey: `e${i}`,
              createdAt,
              tries: 0,
              critical: true,
              message: { id: `m${i}` },
            } as unknown as OutboxRow,
          ]),
        );
        const endpoints = new Map(
          all.flatMap(({ retryAt, isKnown }, i) =>
            isKnown ? [[`e${i}`, { retryAt, failuresInRow: 1 } as unknown as EndpointState] as const] : [],
          ),
        );
        const head = { outbox: { all: outbox }, endpoints } as unknown as AlerterHead;
        const at = nextAlarm(head, { wokenAt, decideAt, isFlying: () => false, now: NOW });
        expect(at).toBeGreaterThanOrEqual(NOW + 1);
        expect(at).toBeLessThanOrEqual(NOW + 60_000);
      },
    ),
  );
});

const outboxOf = (rows: Record<string, Partial<OutboxRow>>): AlerterHead =>
  ({
    outbox: { all: new Map(Object.entries(rows).map(([id, row]) => [id, { message: { id }, ...row }])) },
    endpoints: new Map(),
  }) as unknown as AlerterHead;

it("waits for nothing of a message whose try is under way", () => {
  const head = outboxOf({ flying: { endpointKey: "a" }, waiting: { endpointKey: "b" } });
  const timing = { wokenAt: NOW - 10_000, decideAt: NOW + 30_000, now: NOW };
  expect(nextAlarm(head, { ...timing, isFlying: () => true })).toBe(NOW + 30_000);
  expect(nextAlarm(head, { ...timing, isFlying: (id) => id === "flying" })).toBe(NOW + 1);
});
