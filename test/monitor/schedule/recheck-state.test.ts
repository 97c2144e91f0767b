import { expect, it } from "vitest";
import type { Sample } from "../../../functions/model/probing/sample.ts";
import { afterAttempt, recheckStateOf } from "../../../functions/monitor/schedule/recheck-state.ts";

const NONE = { slot: 60_000, attempt: 0, usedMs: 0 };
const ran = (vantage: string, durationMs: number) => ({ target: "a", vantage, durationMs }) as Sample;

it("counts the time of the lane that took longest, over all rechecks of the slot", () => {
  const first = afterAttempt(NONE, 2, [ran("weur", 300), ran("enam", 900), ran("weur", 800)], 1);
  expect(first).toEqual({ slot: 60_000, attempt: 2, usedMs: 1_100 });
  expect(afterAttempt(first, 3, [ran("enam", 50)], 1)).toEqual({ slot: 60_000, attempt: 3, usedMs: 1_150 });
  expect(afterAttempt(first, 3, [], 1)).toEqual({ slot: 60_000, attempt: 3, usedMs: 1_100 });
});

it("counts neither the slot's own run nor its confirmation, and begins anew with the next slot", () => {
  for (const attempt of [0, 1]) expect(afterAttempt(NONE, attempt, [ran("weur", 300)], 1)).toEqual(NONE);
  const rechecks = { slot: 60_000, attempt: 2, usedMs: 500 };
  expect(recheckStateOf({ rechecks } as Parameters<typeof recheckStateOf>[0], 60_000)).toEqual(rechecks);
  expect(recheckStateOf({ rechecks } as Parameters<typeof recheckStateOf>[0], 120_000)).toEqual({
    slot: 120_000,
    attempt: 0,
    usedMs: 0,
  });
});
