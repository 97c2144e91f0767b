import { expect, it } from "vitest";
import { type Judgement, judgeProbe } from "../../../functions/evaluate/verdict/judge-probe.ts";
import type { Outcome } from "../../../functions/model/probing/sample.ts";
import { NO_VERDICT } from "./no-verdict.ts";

const SLOT = Date.UTC(2030, 0, 1);
const MINUTE = 60_000;

/** Judges a row of runs, `k` good and `f` failed, one a minute, each begun 2 s after its slot. */
function judge(row: string): Judgement["verdict"] {
  let before: Pick<Judgement, "verdict" | "vantageStates"> = { verdict: NO_VERDICT, vantageStates: [] };
  for (const [i, letter] of [...row].entries()) {
    const slot = SLOT + i * MINUTE;
    const outcome: Outcome = letter === "f" ? "failed" : "ok";
    before = judgeProbe({
      plan: { intervalMs: MINUTE, critical: true, thresholds: { failures: 2, outOf: 3, recoveries: 3 } },
      schedule: "every",
      vantages: ["local"],
      suspects: new Set(),
      previous: before.verdict,
      vantageStates: before.vantageStates,
      runs: [{ vantage: "local", slot, attempt: 0, outcome, startedAt: slot + 2_000 }],
      slot,
      attempt: 0,
    });
  }
  return before.verdict;
}

it("a good answer that comes right after another one does not count towards the end", () => {
  let before: Pick<Judgement, "verdict" | "vantageStates"> = { verdict: NO_VERDICT, vantageStates: [] };
  const evaluate = (seconds: number, outcome: Outcome): boolean => {
    const askedAt = SLOT + seconds * 1_000;
    const slot = Math.floor(askedAt / MINUTE) * MINUTE;
    const attempt = seconds % 60;
    before = judgeProbe({
      plan: {
        intervalMs: MINUTE,
        critical: true,
        thresholds: { failures: 2, outOf: 3, recoveries: 3 },
        recheckMs: 10_000,
      },
      schedule: "every",
      vantages: ["local"],
      suspects: new Set(),
      previous: before.verdict,
      vantageStates: before.vantageStates,
      runs: [{ vantage: "local", slot, attempt, outcome, startedAt: askedAt }],
      slot,
      attempt,
      askedAt,
    });
    return before.verdict.incidentOpen;
  };
  expect([evaluate(0, "failed"), evaluate(1, "failed"), evaluate(11, "failed")]).toEqual([false, true, true]);
  expect([evaluate(21, "ok"), evaluate(22, "ok"), evaluate(24, "ok"), evaluate(25, "ok")]).toEqual([
    true,
    true,
    true,
    true,
  ]);
  // However often it is asked, the outage ends once it has been well for as long as its recoveries last.
  expect([evaluate(26, "ok"), evaluate(28, "ok"), evaluate(30, "ok"), evaluate(31, "ok")]).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

const at = (minute: number): number => SLOT + minute * MINUTE + 2_000;

it.each([
  ["kff", true, 1, undefined],
  ["kfkf", true, 1, undefined],
  ["kfkkff", true, 4, undefined],
  ["kffkkk", false, 1, 3],
  ["kffkkfkkk", false, 1, 6],
  ["kffkkkkkff", true, 8, undefined],
] as const)("after %s an incident is open: %s, since minute %s, and over since %s", (row, open, since, until) => {
  const verdict = judge(row);
  expect(verdict.incidentOpen).toBe(open);
  expect(verdict.failingSince).toBe(at(since));
  expect(verdict.recoveringSince).toBe(until === undefined ? 0 : at(until));
});
