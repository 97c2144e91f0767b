import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AlertState, type Patience, type Seen, stepAlert } from "../../../functions/evaluate/rules/alert-state.ts";

const MINUTE = 60_000;

/** One evaluation: what is seen, and how many minutes after the last one, of which all but one were missed. */
interface Moment {
  seen: Seen;
  after: number;
}

const anySeen = fc.constantFrom<Seen>("holds", "fails", "unknown");
const moments = fc.array(fc.record({ seen: anySeen, after: fc.constantFrom(1, 1, 1, 2, 5) }), { maxLength: 40 });
const patience = fc
  .record({ forMs: fc.nat({ max: 6 }), keepFiringForMs: fc.nat({ max: 6 }) })
  .map((p): Patience => ({ forMs: p.forMs * MINUTE, keepFiringForMs: p.keepFiringForMs * MINUTE }));

interface Lived extends Moment {
  at: number;
  firing: boolean;
  pending: boolean;
  change: string;
  state: AlertState | undefined;
}

function live(all: readonly Moment[], of: Patience): Lived[] {
  let [state, at]: [AlertState | undefined, number] = [undefined, 1_000 * MINUTE];
  return all.map(({ seen, after }) => {
    at += after * MINUTE;
    const step = stepAlert(state, seen, at, of, (after - 1) * MINUTE);
    state = step.state;
    const firing = state?.firingSince !== undefined;
    return { seen, after, at, firing, pending: state !== undefined && !firing, change: step.change, state };
  });
}

/**
 * Prometheus' `AlertingRule.Eval` for one series, told minute by minute: the expression has a result or has none. What is
 * unknown has one where the alert fires (our printed rules say so with ALERTS). Keeps no times but two counters.
 */
function prometheus(all: readonly Moment[], { forMs, keepFiringForMs }: Patience): ("firing" | "pending" | "none")[] {
  let now: "firing" | "pending" | "none" = "none";
  let [heldMinutes, failedMinutes] = [0, 0];
  return all.map(({ seen, after }) => {
    const result = seen === "holds" || (seen === "unknown" && now === "firing");
    if (result) {
      heldMinutes = now === "none" ? 0 : heldMinutes + after;
      failedMinutes = 0;
      if (now !== "firing") now = heldMinutes * MINUTE >= forMs ? "firing" : "pending";
    } else if (now === "firing") {
      // Minutes that nobody saw are no sign of recovery: where it failed before them already, they do not count.
      failedMinutes += 1;
      if ((failedMinutes - 1) * MINUTE >= keepFiringForMs) now = "none";
    } else now = "none";
    if (now === "firing" && !result) heldMinutes += after;
    return now;
  });
}

describe("an alert", () => {
  it("is pending, fires and ends when Prometheus' would", () => {
    fc.assert(
      fc.property(moments, patience, (all, of) => {
        const seen = live(all, of).map(({ firing, pending }) => (firing ? "firing" : pending ? "pending" : "none"));
        expect(seen).toEqual(prometheus(all, of));
      }),
      { numRuns: 2_000 },
    );
  });

  it("says what changed, and nothing else", () => {
    fc.assert(
      fc.property(moments, patience, (all, of) => {
        const lived = live(all, of);
        for (const [i, { firing, pending, change }] of lived.entries()) {
          const before = lived[i - 1];
          const was = before?.firing ? "firing" : before?.pending ? "pending" : "none";
          const is = firing ? "firing" : pending ? "pending" : "none";
          const expected = { firing: "firing", pending: "pending", none: was === "firing" ? "resolved" : "dropped" }[
            is
          ];
          expect(change).toBe(was === is ? "none" : expected);
        }
      }),
    );
  });

  it("fires only after it has held for long enough without a break, and since exactly then", () => {
    fc.assert(
      fc.property(moments, patience, (all, of) => {
        const lived = live(all, of);
        for (const [i, { firing, at, state }] of lived.entries()) {
          if (!firing || lived[i - 1]?.firing) continue;
          const broken = lived.slice(0, i).findLastIndex(({ seen }) => seen !== "holds");
          const storedSince = lived[broken + 1]?.at ?? at;
          expect(at - storedSince).toBeGreaterThanOrEqual(of.forMs);
          expect(state).toEqual({ activeSince: expect.any(Number), firingSince: at });
        }
      }),
    );
  });

  it("never ends, nor begins, by what is unknown or was not seen", () => {
    fc.assert(
      fc.property(moments, patience, (all, of) => {
        for (const { seen, change, state } of live(all, of))
          if (seen === "unknown") {
            expect(["none", "dropped"]).toContain(change);
            expect(state?.falseSince).toBeUndefined();
          }
      }),
    );
  });

  it("keeps firing for exactly `keep_firing_for` of observed failure", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(1, 1, 2, 9), { minLength: 8, maxLength: 12 }),
        fc.nat({ max: 6 }),
        (gaps, keep) => {
          const of = { forMs: 0, keepFiringForMs: keep * MINUTE };
          const lived = live(
            [{ seen: "holds", after: 1 }, ...gaps.map((after) => ({ seen: "fails" as const, after }))],
            of,
          );
          // The first failure starts the clock, which then ticks once for each evaluation.
          expect(lived.filter(({ firing }) => firing)).toHaveLength(1 + keep);
        },
      ),
    );
  });
});

describe("at one slot that is evaluated twice", () => {
  const of = { forMs: 0, keepFiringForMs: 2 * MINUTE };
  it.each<[Seen, Seen, boolean]>([
    ["holds", "holds", true],
    ["holds", "fails", true],
    ["fails", "holds", true],
  ])("%s and then %s", (first, second, fires) => {
    const once = stepAlert(undefined, first, MINUTE, of);
    expect(stepAlert(once.state, second, MINUTE, of).state?.firingSince !== undefined).toBe(fires);
  });

  it("begins to recover once", () => {
    let { state } = stepAlert(undefined, "holds", 0, of);
    for (const at of [MINUTE, MINUTE, 2 * MINUTE, 2 * MINUTE]) ({ state } = stepAlert(state, "fails", at, of));
    expect(state).toEqual({ activeSince: 0, firingSince: 0, falseSince: MINUTE });
    expect(stepAlert(state, "fails", 3 * MINUTE, of)).toEqual({ change: "resolved" });
  });
});
