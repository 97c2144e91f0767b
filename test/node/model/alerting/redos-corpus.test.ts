import { expect, test } from "vitest";
import { matcherPattern } from "../../../../functions/model/alerting/matcher-pattern.ts";
import { cpuTimeMs } from "../../lib/cpu-time.ts";
import { hostileTexts, REDOS_CORPUS } from "./redos-corpus.ts";

/** All labels of an alert have at most so many characters. */
const LONGEST_LABEL = 4_000;
const LIMIT_MS = 50;

test("500 bad patterns are each refused, or matched against each hostile text, within 50 ms of CPU", () => {
  const distinct = new Set(REDOS_CORPUS.map(({ pattern }) => pattern));
  expect(distinct.size).toBe(REDOS_CORPUS.length);
  expect(distinct.size).toBeGreaterThanOrEqual(500);
  let refused = 0;
  const times = REDOS_CORPUS.flatMap(({ family, pattern }) => {
    // Checked and compiled anew for each text, so that nothing is kept from the one before.
    const decide = (text: string): boolean | string => {
      const checked = matcherPattern(pattern);
      return checked.ok ? checked.pattern.test(text) : checked.problem;
    };
    const problem = decide("");
    if (typeof problem === "string") {
      refused++;
      expect(problem).toMatch(/^Cannot use ".*" as a regular expression: .{10,}\.$/s);
    }
    const texts = typeof problem === "string" ? [""] : hostileTexts(pattern, LONGEST_LABEL);
    return texts.map((text) => {
      let ms = cpuTimeMs(() => void decide(text), 3, LIMIT_MS / 2);
      // A busy machine spoils caches, which costs CPU too.
      if (ms > LIMIT_MS) ms = cpuTimeMs(() => void decide(text), 20, LIMIT_MS);
      return { family, pattern, text: JSON.stringify(text.slice(0, 12)), ms };
    });
  });
  const slowest = times.toSorted((a, b) => b.ms - a.ms).slice(0, 5);
  console.log(
    `${distinct.size} patterns, ${refused} refused, ${times.length} cases; the slowest:\n${slowest
      .map(({ ms, family, pattern, text }) => `  ${ms.toFixed(1)} ms  ${family}: ${pattern.slice(0, 60)} on ${text}`)
      .join("\n")}`,
  );
  expect(slowest.filter(({ ms }) => ms > LIMIT_MS)).toEqual([]);
});
