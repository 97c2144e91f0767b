import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { suspectVantages, type Votes } from "../../../functions/evaluate/verdict/suspect-vantages.ts";
import type { Vote } from "../../../functions/model/probing/verdict.ts";
import { MINUTE } from "./rehearsal.ts";

const NOW = 1_000 * MINUTE;

/** One line per probe: its target, a letter per vantage a, b, c ..., and after `@` how many minutes ago each voted. */
function votes(...lines: string[]): Votes[] {
  return lines.map((line) => {
    const [target = "", letters = "", ages = ""] = line.split(/[ @]/);
    const voted = [...letters].flatMap((letter, i): Vote[] => {
      const slot = NOW - Number(ages[i] ?? 0) * MINUTE;
      const vantage = "abcde"[i] as string;
      return letter === "-" ? [] : [{ vantage, slot, attempt: 0, outcome: letter === "F" ? "failed" : "ok" }];
    });
    return { target, intervalMs: MINUTE, votes: voted };
  });
}

const suspects = (...lines: string[]): string => [...suspectVantages(NOW, votes(...lines)).keys()].sort().join("");

describe("suspectVantages", () => {
  it.each([
    ["fails all that the others see up", ["x FGG", "y FGG", "z FGG"], "a"],
    ["one target proves nothing", ["x FGG", "x FGG"], ""],
    ["fails a part of the fleet: regional", ["x FGG", "y FGG", "z GGG"], ""],
    ["everything fails everywhere", ["x FFF", "y FFF", "z FFF"], ""],
    ["a target that all see failing proves nothing either way", ["x FFF", "y FGG", "z FGG"], "a"],
    ["two of three fail all: the third may be the lucky one", ["x FFG", "y FFG", "z FFG"], ""],
    ["two of five fail all", ["x FFGGG", "y FFGGG", "z FFGGG"], "ab"],
    ["of two, the one that the other contradicts", ["x FG", "y FG"], "a"],
    ["of two that contradict each other, neither", ["x FG", "y GF"], ""],
    ["alone", ["x F", "y F"], ""],
    ["the others are silent", ["x F--", "y F--"], ""],
    ["what the others saw before says nothing about a failure now", ["x FGG@011", "y FGG@011"], ""],
    ["what they see since does", ["x FGG@100", "y FGG@100"], "a"],
    ["votes that expired are none", ["x FGG@333", "y FGG@333"], ""],
    ["its own good votes of before do not clear it", ["x FGG@000", "x GGG@100", "y FGG", "y GGG@100"], "a"],
    ["in whatever order", ["x GGG@100", "x FGG@000", "y GGG@100", "y FGG"], "a"],
    ["one good probe of a target in the same slot does", ["x FGG", "x GGG", "y FGG", "y GGG"], ""],
  ])("%s", (_, lines, expected) => {
    expect(suspects(...lines)).toBe(expected);
  });

  it("counts what speaks against a suspect", () => {
    const lines = [...Array(18).keys()].map((i) => `t${i} FGG`);
    expect(suspectVantages(NOW, votes(...lines, "up1 GGG", "up2 GGG")).get("a")).toEqual({ contradicted: 18, up: 2 });
    expect(suspects(...lines, "up1 GGG", "up2 GGG", "up3 GGG")).toBe("");
  });

  it("never suspects so many that nobody is left, and nobody where all agree", () => {
    const line = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.array(fc.constantFrom("F", "G", "-"), { maxLength: 5 }));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const text = lines.map(([target, letters]) => `t${target} ${letters.join("")}`);
        const found = suspects(...text);
        const voters = new Set(votes(...text).flatMap((probe) => probe.votes.map((vote) => vote.vantage)));
        if (voters.size > 0) expect(found.length).toBeLessThan(voters.size);
        expect(suspects(...text.toReversed())).toBe(found);
        expect(suspects(...text.map((t) => t.replaceAll("G", "F")))).toBe("");
      }),
    );
  });
});
