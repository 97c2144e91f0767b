import { expect, it } from "vitest";
import { gapIntervalsAfter } from "../../../functions/evaluate/verdict/gap-intervals.ts";

const seen = { attempt: 0, isDue: true, results: 0, gaps: 0 };

it.each([
  ["a gap from all vantages adds an interval", 1, { ...seen, gaps: 3 }, 2],
  ["a result from one vantage ends the row", 2, { ...seen, gaps: 2, results: 1 }, 0],
  ["nothing ran: nothing changes", 2, seen, 2],
  ["an extra run that is lost is no interval of its own", 1, { ...seen, isDue: false, gaps: 1 }, 1],
  ["nor is a confirmation", 1, { ...seen, attempt: 1, gaps: 2 }, 1],
  ["but the result of either ends the row", 2, { ...seen, isDue: false, attempt: 1, results: 1 }, 0],
])("%s", (_words, before, results, after) => {
  expect(gapIntervalsAfter(before, results)).toBe(after);
});
