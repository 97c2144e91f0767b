import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isLost,
  newestStored,
  oldestStored,
  storedSince,
  thinCanaries,
  writingInDoubt,
} from "../../../functions/model/probing/canary.ts";
import type { Canary } from "../../../functions/model/probing/memory.ts";

const canary = (period: number, rest: Partial<Canary> = {}): Canary => ({
  probe: "p",
  period,
  sizeBytes: 64,
  digest: "d",
  attemptedAt: period * 10,
  attempts: 1,
  ...rest,
});
const suppressed = (period: number, rest: Partial<Canary> = {}) =>
  canary(period, { committedAt: period * 10 + 1, ...rest });

describe("thinCanaries()", () => {
  it("keeps few of very many, with a blob for every age up to the oldest", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1, max: 3 }), (periods, step) => {
        let kept: readonly Canary[] = [];
        for (let period = 0; period < periods; period += step) kept = thinCanaries([...kept, suppressed(period)]);
        const newest = kept.at(-1)?.period ?? 0;
        expect(kept[0]?.period).toBe(0);
        expect(kept.length).toBeLessThanOrEqual(6 + Math.ceil(Math.log2(periods)) + 1);
        const ages = kept.map(({ period }) => newest - period);
        // From one kept canary to the next younger one, age shrinks to an eighth at worst.
        for (const [at, age] of ages.slice(0, -6).entries()) {
          expect(ages[at + 1] ?? 0).toBeGreaterThanOrEqual(Math.floor(age / 8) - step);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("drops old ones that never arrived or are lost, and no recent one", () => {
    const old = [canary(1), suppressed(2, { lostAt: 99 }), suppressed(3)];
    const recent = [94, 95, 96, 97, 98, 99].map((period) => canary(period));
    expect(thinCanaries([...old, ...recent])).toEqual([suppressed(3), ...recent]);
  });

  it("thins each probe's canaries by themselves", () => {
    const others = Array.from({ length: 6 }, (_, period) => suppressed(period, { probe: "q" }));
    const thinned = thinCanaries([suppressed(0), ...others, suppressed(900)]);
    expect(thinned.filter(({ probe }) => probe === "p").map(({ period }) => period)).toEqual([0, 900]);
    expect(thinned.filter(({ probe }) => probe === "q")).toHaveLength(6);
  });
});

it("takes a canary for lost only if nobody has read it since", () => {
  expect(isLost(suppressed(1))).toBe(false);
  expect(isLost(suppressed(1, { lostAt: 5 }))).toBe(true);
  expect(isLost(suppressed(1, { lostAt: 5, readAt: 6 }))).toBe(false);
});

it("asks for the canary that was held last even where it has been lost since", () => {
  const lost = suppressed(3, { probe: "q", lostAt: 99 });
  expect(newestStored([suppressed(1), lost, canary(4)])).toEqual(lost);
  expect(newestStored([canary(4)])).toBeUndefined();
  expect(storedSince(canary(1, { readAt: 7 }))).toBe(7);
});

it("measures retention by the oldest that may still be there, of one probe, before this period", () => {
  const all = [suppressed(1, { lostAt: 99 }), suppressed(2, { probe: "q" }), canary(3), suppressed(4), suppressed(5)];
  expect(oldestStored(all, "p", 9)?.period).toBe(4);
  expect(oldestStored(all, "p", 4)).toBeUndefined();
});

it("doubts writing while a recent write was never acknowledged", () => {
  const readBack = canary(7, { readAt: 80 });
  expect(writingInDoubt([suppressed(7), suppressed(8)], "p", 8, 3)).toBe(false);
  expect(writingInDoubt([readBack, suppressed(8)], "p", 8, 3)).toBe(true);
  expect(writingInDoubt([canary(8)], "p", 8, 3)).toBe(true);
  expect(writingInDoubt([readBack], "p", 11, 3)).toBe(false);
  expect(writingInDoubt([readBack], "q", 8, 3)).toBe(false);
});
