import { describe, expect, it } from "vitest";
import type { VerdictCondition } from "../../../../functions/evaluate/rules/kinds/verdict.ts";
import { STATES } from "../../../../functions/model/probing/verdict.ts";
import { judgeNumbers } from "./judge-numbers.ts";

const verdict = (state: VerdictCondition["state"]): VerdictCondition => ({ kind: "verdict", of: "target", state });

const judgeVerdict = (state: number, open: number, condition: VerdictCondition) =>
  judgeNumbers(condition, { now: { zako_v1_target_state: state, zako_v1_target_incident_open: open } });

describe("a verdict", () => {
  it.each(STATES)("of a target that is %s", (state) => {
    const seen = (asked: VerdictCondition["state"], open: number): string =>
      judgeVerdict(STATES.indexOf(state), open, verdict(asked)).seen;
    // An incident stays open through times of which nothing is known, and until enough good slots.
    expect([seen("down", 0), seen("down", 1), seen("down", Number.NaN)]).toEqual(["fails", "holds", "fails"]);
    for (const asked of ["degraded", "regional"] as const)
      expect(seen(asked, 0)).toBe(state === asked ? "holds" : state === "unknown" ? "unknown" : "fails");
    expect(seen("unknown", 0)).toBe(state === "unknown" ? "holds" : "fails");
  });

  it("of a target that has no state yet fails", () =>
    expect(judgeVerdict(Number.NaN, Number.NaN, verdict("degraded")).seen).toBe("fails"));
});
