import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Judgement } from "../../../functions/evaluate/verdict/judge-probe.ts";
import type { Thresholds } from "../../../functions/model/probing/target.ts";
import { MINUTE, Rehearsal } from "./rehearsal.ts";

const schedule = fc.constantFrom("every" as const, "rotating" as const, "single_writer" as const);
const thresholds: fc.Arbitrary<Thresholds> = fc
  .record({ failures: fc.integer({ min: 1, max: 4 }), more: fc.nat(4), recoveries: fc.integer({ min: 1, max: 4 }) })
  .map(({ failures, more, recoveries }) => ({ failures, outOf: failures + more, recoveries }));
const vantages = fc.constantFrom("a", "ab", "abc", "abcd", "abcde");
/** What happens in a slot: its runs, its confirmations (often none), who is suspect. */
const slots = fc.array(
  fc.record({
    word: fc.array(fc.constantFrom("G", "G", "F", "F", "D", "-", "S", "B"), { minLength: 5, maxLength: 5 }),
    confirm: fc.option(fc.array(fc.constantFrom("G", "F", "-"), { minLength: 5, maxLength: 5 })),
    suspect: fc.option(fc.constantFrom("a", "b"), { freq: 4 }),
  }),
  { minLength: 1, maxLength: 40 },
);
const story = fc.record({ schedule, thresholds, vantages, slots });
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

interface Scene {
  judgement: Judgement;
  before: Rehearsal["verdict"];
  attempt: number;
  slot: number;
}

/** Plays a story; `during` may disturb it after each judgement. */
function play(
  story: Story,
  during: (probe: Rehearsal, word: string, attempt: number) => void = () => {},
  probe = new Rehearsal(story.vantages, story),
): Scene[] {
  const scenes: Scene[] = [];
  for (const { word, confirm, suspect } of story.slots) {
    probe.slot += MINUTE;
    probe.suspects = new Set(suspect === null ? [] : [suspect]);
    for (const [attempt, letters] of [word, ...(confirm === null ? [] : [confirm])].entries()) {
      const before = probe.verdict;
      const judgement = probe.judge(probe.runs(letters.join(""), attempt), attempt);
      scenes.push({ judgement, before, attempt, slot: probe.slot });
      during(probe, letters.join(""), attempt);
    }
  }
  return scenes;
}

const law = (check: (story: Story) => void): void => fc.assert(fc.property(story, check), { numRuns: 200 });

describe("whatever the votes", () => {
  it("their order and repetition within a slot do not matter", () => {
    fc.assert(
      fc.property(story, fc.infiniteStream(fc.nat()), (of, random) => {
        const calm = play(of);
        const probe = new Rehearsal(of.vantages, of);
        let scene = 0;
        for (const { word, confirm, suspect } of of.slots) {
          probe.slot += MINUTE;
          probe.suspects = new Set(suspect === null ? [] : [suspect]);
          for (const [attempt, letters] of [word, ...(confirm === null ? [] : [confirm])].entries()) {
            const runs = probe.runs(letters.join(""), attempt);
            const keyed = [...runs, ...runs].map((run) => ({ run, key: random.next().value as number }));
            const shuffled = keyed.toSorted((a, b) => a.key - b.key).map(({ run }) => run);
            expect(probe.judge(shuffled, attempt)).toEqual(calm[scene++]?.judgement);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it("judging again, with the same votes, fewer, or late ones, moves nothing", () => {
    law((of) => {
      play(of, (probe, word, attempt) => {
        const { verdict, vantageStates } = probe;
        for (const runs of [
          probe.runs(word, attempt),
          [],
          probe.runs("FFFFF", 0, probe.slot - MINUTE).filter(({ vantage }) => {
            return vantageStates.some(({ vote }) => vote?.vantage === vantage && vote.slot === probe.slot);
          }),
        ]) {
          const { why: _, ...again } = probe.judge(runs, attempt);
          expect(again).toEqual({ verdict, vantageStates });
        }
      });
    });
  });

  it("an incident opens only where enough evaluations failed, the newest among them", () => {
    law((of) => {
      const weights: Judgement["why"]["majority"][] = [];
      for (const { judgement, before } of play(of)) {
        const { verdict, why } = judgement;
        if (why.majority !== "none") weights.push(why.majority);
        const opened = verdict.incidentOpen && !before.incidentOpen;
        if (opened) {
          expect(weights.at(-1)).toBe("failing");
          const failures = weights.slice(-of.thresholds.outOf).filter((majority) => majority === "failing");
          expect(failures.length).toBeGreaterThanOrEqual(of.thresholds.failures);
        }
        if (!verdict.incidentOpen && before.incidentOpen) weights.length = 0;
      }
    });
  });

  it("enough failing evaluations in a row open one", () => {
    law((of) => {
      // One more than needed: a vantage that is the last one left must say it twice.
      const needed = Math.max(2, of.thresholds.failures);
      let inRow = 0;
      for (const { judgement } of play(of)) {
        const { majority } = judgement.why;
        inRow = majority === "failing" ? inRow + 1 : majority === "none" ? inRow : 0;
        // Once the root of the group is seen to fail, it takes over what only said that the server is not there.
        if (judgement.verdict.blocked) inRow = 0;
        if (inRow >= needed) expect(judgement.verdict.incidentOpen).toBe(true);
      }
    });
  });

  it("an incident closes only after enough good evaluations in a row, or into `regional`", () => {
    law((of) => {
      let inRow = 0;
      for (const { judgement, before } of play(of)) {
        const { verdict, why } = judgement;
        if (!before.incidentOpen) inRow = 0;
        inRow = why.majority === "good" ? inRow + 1 : why.majority === "failing" ? 0 : inRow;
        if (before.incidentOpen && !verdict.incidentOpen && verdict.state !== "regional") {
          expect(inRow).toBeGreaterThanOrEqual(of.thresholds.recoveries);
        }
        if (before.incidentOpen && inRow >= of.thresholds.recoveries) expect(verdict.incidentOpen).toBe(false);
      }
    });
  });

  it("without a fresh vote nothing is known, and nothing is opened, or closed but by skipped runs", () => {
    law((of) => {
      for (const { judgement, before, slot } of play(of)) {
        const { verdict, vantageStates, why } = judgement;
        const freshVotes = vantageStates.some(({ vantage, vote }) => {
          return vote !== undefined && !why.suspect.includes(vantage) && !why.silent.includes(vantage);
        });
        // Skipped runs are no votes; in an incident they say that it goes on.
        const turnMs = (of.schedule === "rotating" ? of.vantages.length : 1) * MINUTE;
        const isSkipped = vantageStates.some(({ skippedSlot }) => slot - skippedSlot <= 2.5 * turnMs);
        const expected = verdict.incidentOpen && isSkipped ? "down" : "unknown";
        if (!freshVotes) expect(verdict.state).toBe(expected);
        // Skipped runs are no votes, and end an incident all the same.
        if (!freshVotes && why.majority === "none") expect(verdict.incidentOpen).toBe(before.incidentOpen);
      }
    });
  });

  it("no incident is without an end: as many runs in a row as recovery needs, good or skipped, close it", () => {
    const well = fc.array(fc.constantFrom("G", "D", "S"), { minLength: 5, maxLength: 5 }).map((word) => word.join(""));
    const nothing = fc.constantFrom("-----", "BBBBB", "");
    fc.assert(
      fc.property(story, fc.array(fc.tuple(well, fc.array(nothing, { maxLength: 4 })), { minLength: 4 }), (of, end) => {
        const probe = new Rehearsal(of.vantages, of);
        play(of, undefined, probe);
        probe.suspects = new Set();
        for (const [word, between] of end.slice(0, of.thresholds.recoveries)) {
          for (const gap of between) probe.next(gap);
          probe.next(word);
        }
        expect(probe.verdict.incidentOpen).toBe(false);
        expect(probe.verdict.state).not.toBe("down");
      }),
      { numRuns: 500 },
    );
  });

  it("what is skipped in an incident counts as good, and blocked runs, gaps and suspects neither way", () => {
    law((of) => {
      for (const { judgement, before } of play(of)) {
        const { why, verdict } = judgement;
        if (!before.incidentOpen || why.majority !== "none") continue;
        expect(verdict).toMatchObject({ incidentOpen: true, ring: before.ring, ringLength: before.ringLength });
      }
    });
  });

  it("only a good evaluation makes a probe up, or the end of what was regional", () => {
    law((of) => {
      for (const { judgement, before } of play(of)) {
        const { verdict, why } = judgement;
        const isWell = verdict.state === "up" || verdict.state === "degraded";
        if (isWell && verdict.state !== before.state && before.state !== "regional") expect(why.majority).toBe("good");
        if (isWell) expect(verdict.incidentOpen).toBe(false);
        if (verdict.state === "down") expect(verdict.incidentOpen).toBe(true);
      }
    });
  });

  it("regional names vantages that failed often enough by themselves, and none that is suspect", () => {
    law((of) => {
      const failures = new Map<string, Set<string>>();
      for (const { judgement, before, slot } of play(of)) {
        const { verdict, why, vantageStates } = judgement;
        for (const { vantage, vote } of vantageStates) {
          if (vote?.outcome !== "failed" || vote.slot !== slot) continue;
          failures.set(vantage, (failures.get(vantage) ?? new Set()).add(`${vote.slot} ${vote.attempt}`));
        }
        for (const vantage of why.regional) {
          expect(why.suspect).not.toContain(vantage);
          expect(failures.get(vantage)?.size).toBeGreaterThanOrEqual(of.thresholds.failures);
        }
        if (verdict.state === "regional" && before.state !== "regional") expect(why.regional).not.toEqual([]);
        if (of.vantages.length === 1) expect(verdict.state).not.toBe("regional");
      }
    });
  });

  it("missed slots move no streak", () => {
    law((of) => {
      const { slots: all } = of;
      // Every slot has its runs from all vantages, so that nothing hangs on how long votes last.
      const whole = all.map((slot) => ({ ...slot, word: slot.word.map((letter) => (letter === "F" ? "F" : "G")) }));
      const gappy = whole.flatMap((slot) => {
        const gap = { word: ["-"], confirm: null, suspect: slot.suspect };
        return [...Array(slot.word.indexOf("F") + 1).fill(gap), slot];
      });
      const streaks = (of: Story): unknown => {
        const { ring, ringLength, incidentOpen } = (play(of).at(-1) as Scene).judgement.verdict;
        return { ring, ringLength, incidentOpen };
      };
      expect(streaks({ ...of, schedule: "every", slots: gappy })).toEqual(
        streaks({ ...of, schedule: "every", slots: whole }),
      );
    });
  });
});

/** Every word of `length` letters. */
function* words(alphabet: string, length: number): Generator<string> {
  if (length === 0) yield "";
  else for (const rest of words(alphabet, length - 1)) for (const letter of alphabet) yield letter + rest;
}

const isBad = (seen: readonly boolean[], { failures, outOf }: Thresholds): boolean =>
  seen.at(-1) === true && seen.slice(-outOf).filter(Boolean).length >= failures;
const isOver = (seen: readonly boolean[], { recoveries }: Thresholds): boolean =>
  seen.length >= recoveries && !seen.slice(-recoveries).includes(true);

/** What `failures`, `outOf` and `recoveries` say about a list of evaluations, by counting. */
function countedOpen(seen: readonly boolean[], of: Thresholds): boolean {
  let open = false;
  let past: boolean[] = [];
  for (const failed of seen) {
    past.push(failed);
    if (!open) open = isBad(past, of);
    else if (isOver(past, of)) {
      open = false;
      past = past.map(() => false);
    }
  }
  return open;
}

it.each([
  { failures: 2, outOf: 3, recoveries: 3 },
  { failures: 1, outOf: 1, recoveries: 1 },
  { failures: 3, outOf: 5, recoveries: 2 },
])("one vantage: every history of seven slots is judged as by counting: %o", (of) => {
  for (const history of words("GF-", 7)) {
    const probe = new Rehearsal("a", { thresholds: of });
    for (let i = 0; i < history.length; i++) {
      const { verdict } = probe.next(history[i] as string);
      const seen = [...history.slice(0, i + 1)].filter((letter) => letter !== "-").map((letter) => letter === "F");
      if (verdict.incidentOpen !== countedOpen(seen, of)) expect.fail(`${history}: ${verdict.state} at ${i}`);
    }
  }
});

it.each([
  ["ab", 6],
  ["abc", 4],
])("vantages %s: every history of %i slots is judged as by counting", (names, length) => {
  const of = { failures: 2, outOf: 3, recoveries: 3 };
  const letters = [...words("GF", names.length)];
  const play = (probe: Rehearsal, history: readonly string[]): void => {
    if (history.length === length) return;
    for (const word of letters) {
      const branch = Object.assign(new Rehearsal(names), { ...probe });
      const { verdict } = branch.next(word);
      const now = [...history, word];
      const isShared = (w: string): boolean => w.split("F").length - 1 > names.length / 2;
      const majority = now.map(isShared);
      const alone = [...names].some((_, i) => {
        const own = now.filter((w) => w[i] === "G" || !isShared(w));
        return countedOpen(
          own.map((w) => w[i] === "F"),
          of,
        );
      });
      const isGood = (w: string): boolean => w.split("G").length - 1 > names.length / 2;
      // A tie makes nothing up, not even where the vantage that failed alone has recovered.
      const wasRegional = probe.verdict.state === "regional" && !isGood(word);
      const calm = now.some(isGood) ? "up" : "unknown";
      const state = countedOpen(majority, of) ? "down" : alone || wasRegional ? "regional" : calm;
      if (verdict.state !== state) expect.fail(`${now.join(" ")} is ${verdict.state}, not ${state}`);
      // How incidents end is told by the laws above.
      if (state !== "down") play(branch, now);
    }
  };
  play(new Rehearsal(names), []);
});
