import { describe, expect, it } from "vitest";
import {
  type Candidate,
  type ConfirmationBounds,
  confirmationCap,
  needsConfirmation,
} from "../../../functions/evaluate/verdict/needs-confirmation.ts";
import type { Schedule } from "../../../functions/model/probing/probe-task.ts";
import { Rehearsal } from "./rehearsal.ts";

/** The last word of the script is the slot whose confirmations are asked for. */
function candidate(probe: Rehearsal, script: string, of: Partial<Candidate> = {}): Candidate {
  const words = script.split(" ");
  const last = words.pop() as string;
  if (words.length > 0) probe.play(words.join(" "));
  const judgement = last.startsWith("+") ? probe.confirm(last.slice(1)) : probe.next(last);
  const { schedule } = probe;
  const cost = { slow: true, calls: 1 };
  return {
    target: "t",
    probe: "p",
    schedule,
    critical: true,
    repeatable: true,
    role: "sole",
    ...cost,
    judgement,
    ...of,
  };
}

const bounds = (probe: Rehearsal, perVantage = 6): ConfirmationBounds => ({
  slot: probe.slot,
  vantages: probe.vantages,
  suspects: probe.suspects,
  perVantage,
});

const asked = (candidates: readonly Candidate[], of: ConfirmationBounds): string =>
  needsConfirmation(candidates, of)
    .map(({ vantage }) => vantage)
    .sort()
    .join("");

describe("needsConfirmation", () => {
  it.each<[string, string, Schedule, string, string]>([
    ["a first failure, by the only vantage", "a", "every", "G F", "a"],
    ["nothing without a failure", "a", "every", "G D", ""],
    ["nothing for a second failure in a row", "abc", "every", "GGG FFF FFF", ""],
    ["nothing in an open incident", "a", "every", "F F", ""],
    ["nothing for skipped runs", "a", "every", "G S", ""],
    ["nothing for blocked runs", "abc", "every", "GGG BBB", ""],
    ["nothing for lost runs", "a", "every", "G -", ""],
    ["two of three that failed", "abc", "every", "GGG FFF", "2 of abc"],
    ["the two of three that failed", "abc", "every", "GGG FGF", "ac"],
    ["both of two", "ab", "every", "GG FF", "ab"],
    ["as many as could overturn it", "abcdefgh", "every", "GGGGGGGG FFFFFFFF", "4 of abcdefgh"],
    ["the one that failed alone", "abc", "every", "GGG GFG", "b"],
    ["not again where it is known to fail alone", "abc", "every", "GGG GFG GFG GFG", ""],
    ["nor after a good run of its", "abc", "every", "GGG GFG GFG GGG GFG", ""],
    ["but another that fails too", "abcd", "every", "GGGG GFGG GFGG FFGG", "a"],
    ["others where turns are taken", "abcde", "rotating", "--G-- -F---", "2 of acde"],
    ["the other of two", "ab", "rotating", "G- -F", "a"],
    ["others of a single writer's first", "abc", "single_writer", "G-- -F-", "ac"],
    ["the same one where there is no other", "a", "rotating", "G F", "a"],
    [
      "the follower of a single writer that failed, where the others saw it good",
      "abc",
      "single_writer",
      "G-- -FG",
      "b",
    ],
  ])("asks for %s", (_, vantages, schedule, script, expected) => {
    const probe = new Rehearsal(vantages, { schedule });
    const found = asked([candidate(probe, script)], bounds(probe));
    const [count, , among] = expected.split(" ");
    if (among === undefined) expect(found).toBe(expected);
    else expect([found.length, [...found].every((v) => among.includes(v))]).toEqual([Number(count), true]);
  });

  it("asks for nothing where the evaluation before failed too, however many failures it takes", () => {
    const patient = { failures: 4, outOf: 5, recoveries: 3 };
    for (const [script, expected] of [
      ["G F", "a"],
      ["G F F", ""],
      ["G F +F F", ""],
      ["G F +G F", "a"],
    ] as const) {
      const probe = new Rehearsal("a", { thresholds: patient });
      expect(asked([candidate(probe, script)], bounds(probe))).toBe(expected);
    }
  });

  it("asks no suspect, and does not ask about one", () => {
    const every = new Rehearsal("abc");
    every.suspects.add("b");
    expect(asked([candidate(every, "GGG GFG")], bounds(every))).toBe("");
    const turns = new Rehearsal("abc", { schedule: "rotating" });
    turns.suspects.add("c");
    expect(asked([candidate(turns, "F--")], bounds(turns))).toBe("b");
    const noOther = new Rehearsal("ab", { schedule: "rotating" });
    noOther.suspects.add("b");
    expect(asked([candidate(noOther, "F-")], bounds(noOther))).toBe("a");
  });

  it("repeats no kind that must not be, and keeps the role of the run that failed", () => {
    const probe = new Rehearsal("ab", { schedule: "single_writer" });
    const failed = candidate(probe, "F-", { role: "first" });
    expect(needsConfirmation([failed], bounds(probe))).toEqual([
      { target: "t", probe: "p", vantage: "b", role: "first" },
    ]);
    expect(needsConfirmation([{ ...failed, repeatable: false }], bounds(probe))).toEqual([]);
  });

  it("is bounded per vantage, critical probes first, and never asks for half of what a probe needs", () => {
    const probe = new Rehearsal("abc");
    const failed = candidate(probe, "GGG FFF");
    const many = [...Array(1000).keys()].map((i) => ({ ...failed, target: `t${i}`, critical: i % 10 === 9 }));
    const found = needsConfirmation(many, bounds(probe, confirmationCap(2)));
    for (const vantage of "abc") {
      const of = found.filter((confirmation) => confirmation.vantage === vantage).length;
      expect(of).toBeGreaterThan(6);
      expect(of).toBeLessThanOrEqual(12);
    }
    expect(found.every(({ target }) => target.endsWith("9"))).toBe(true);
    const perTarget = Map.groupBy(found, ({ target }) => target);
    expect([...perTarget.values()].every((some) => some.length === 2)).toBe(true);
    expect(needsConfirmation(many, bounds(probe, 0))).toEqual([]);
  });

  /** What ten targets ask for that fail in several probes each, as `target:probe`. */
  const confirmed = (of: (target: number, probe: number) => Partial<Candidate>): string[] => {
    const probe = new Rehearsal("a");
    const failed = candidate(probe, "G F");
    const many = Array.from({ length: 10 }, (_, t) =>
      Array.from({ length: 3 }, (_, p) => ({ ...failed, target: `t${t}`, probe: `p${p}`, ...of(t, p) })),
    );
    return needsConfirmation(many.flat(), bounds(probe, confirmationCap(1))).map((one) => `${one.target}:${one.probe}`);
  };

  it("asks about one critical probe of each target before it asks about a second", () => {
    const slow = confirmed(() => ({}));
    expect(slow).toEqual([0, 1, 2, 3, 4, 5].map((t) => `t${t}:p0`));
    const some = confirmed((_, p) => ({ critical: p > 0 }));
    expect(some).toEqual([0, 1, 2, 3, 4, 5].map((t) => `t${t}:p1`));
  });

  it("asks about many that fail soon, and about six that took their whole deadline", () => {
    const found = confirmed((t) => ({ slow: t < 7 }));
    expect(found.slice(0, 9)).toEqual([0, 1, 2, 3, 4, 5, 7, 8, 9].map((t) => `t${t}:p0`));
    const soon = confirmed(() => ({ slow: false, calls: 2 }));
    expect(soon).toHaveLength(15);
    expect(soon.slice(0, 10)).toEqual([...Array(10).keys()].map((t) => `t${t}:p0`));
    // The first few are made whatever they cost.
    expect(confirmed(() => ({ slow: false, calls: 9 }))).toHaveLength(6);
  });
});
