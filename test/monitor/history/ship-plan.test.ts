import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HOUR_MS } from "../../../functions/lib/time-units.ts";
import { nextShipmentAt, planShipment, retryAt } from "../../../functions/monitor/history/ship-plan.ts";
import { NOTHING_SHIPPED } from "../../store/history/nothing-shipped.ts";
import { EPOCH } from "../../store/history/samples.ts";

const MINUTE_MS = 60_000;
const at = (hours: number, minutes = 0): number => EPOCH + hours * HOUR_MS + minutes * MINUTE_MS;

describe("planShipment", () => {
  const base = { hours: [at(0), at(1), at(2)], settledBefore: at(2, 34), maxHours: 48 };
  const whole = (hours: number) => ({ hour: at(hours), whole: true });
  const open = (hours: number) => ({ hour: at(hours), whole: false });

  test.each([
    ["closed hours and the open one once it is half over", at(2, 35), {}, {}, [whole(0), whole(1), open(2)], "due"],
    ["not the open hour before", at(2, 29), {}, {}, [whole(0), whole(1)], "due"],
    ["an hour that may still grow as open, however late it is", at(3, 5), {}, {}, [whole(0), whole(1), open(2)], "due"],
    [
      "an hour as whole once its last slot is settled",
      at(3, 5),
      {},
      { settledBefore: at(3) },
      [0, 1, 2].map(whole),
      "due",
    ],
    ["nothing before the next shipment is due", at(2, 35), { nextAt: at(2, 36) }, {}, [], "not due"],
    ["nothing while backing off", at(2, 35), { nextAt: at(2, 36), failuresInRow: 1 }, {}, [], "backing off"],
    [
      "all, if the next shipment is farther off than any plan",
      at(2, 35),
      { nextAt: at(9) },
      {},
      [whole(0), whole(1), open(2)],
      "due",
    ],
    ["nothing where there is nothing", at(2, 35), {}, { hours: [] }, [], "nothing to send"],
  ] as const)("sends %s", (_, now, state, view, send, reason) => {
    expect(planShipment({ ...NOTHING_SHIPPED, ...state }, now, { ...base, ...view })).toEqual({
      drop: [],
      send,
      reason,
    });
  });

  test("gives up the oldest hours beyond the bound, even while backing off", () => {
    const state = { ...NOTHING_SHIPPED, nextAt: at(2, 36), failuresInRow: 3 };
    const plan = planShipment(state, at(2, 35), { ...base, maxHours: 1 });
    expect(plan).toEqual({ drop: [at(0), at(1)], send: [], reason: "backing off" });
  });

  test("counts hours and not their age: one that slept for a week still ships what it had", () => {
    const plan = planShipment(NOTHING_SHIPPED, at(24 * 7, 35), { ...base, hours: [at(0)], settledBefore: at(168) });
    expect(plan).toEqual({ drop: [], send: [whole(0)], reason: "due" });
  });
});

describe("nextShipmentAt", () => {
  test("comes twice an hour at a shard's own minutes, never within two minutes of a full or half hour", () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(1e9), (shard, after) => {
        const now = EPOCH + after;
        const next = nextShipmentAt(now, shard);
        expect(next).toBeGreaterThan(now);
        expect(next - now).toBeLessThanOrEqual(30 * MINUTE_MS);
        expect(nextShipmentAt(next, shard)).toBe(next + 30 * MINUTE_MS);
        const phaseMs = next % (30 * MINUTE_MS);
        expect(Math.min(phaseMs, 30 * MINUTE_MS - phaseMs)).toBeGreaterThanOrEqual(2 * MINUTE_MS);
      }),
    );
  });

  test("spreads neighbouring shards", () => {
    const minutes = Array.from({ length: 60 }, (_, shard) =>
      Math.floor((nextShipmentAt(EPOCH, shard) - EPOCH) / MINUTE_MS),
    );
    expect(new Set(minutes).size).toBeGreaterThan(15);
  });
});

test("retries come after 1, 2, 4, 8 and then every 15 minutes", () => {
  const minutes = [1, 2, 3, 4, 5, 6, 500].map((n) => (retryAt(EPOCH, n) - EPOCH) / MINUTE_MS);
  expect(minutes).toEqual([1, 2, 4, 8, 15, 15, 15]);
});
