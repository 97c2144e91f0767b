import { describe, expect, test } from "vitest";
import { exceptionKind } from "../../../functions/expose/push/exception-kind.ts";
import { cleanLine, cleanLines } from "../../../functions/lib/clean-text.ts";
import { parseMetricLine, parseMetricNumber } from "../../../functions/lib/metric-line.ts";
import { trimCharacter } from "../../../functions/lib/trim-character.ts";
import { parseMatchers } from "../../../functions/model/alerting/parse-matchers.ts";
import { historyFailure } from "../../../functions/store/history/history-failure.ts";
import { cpuTimeMs } from "./cpu-time.ts";

const MANY = 40_000;
/** What takes the square of the length takes ten times as long. */
const LIMIT_MS = 100;

describe("text from outside is read in time proportional to its length", () => {
  const rows: [string, (many: number) => unknown][] = [
    ["a number of a scraped line", (n) => parseMetricNumber(`${"1".repeat(n)}x`)],
    ["a scraped line with spaces", (n) => parseMetricLine(`up${" ".repeat(n)}#`)],
    ["a scraped line with quotes", (n) => parseMetricLine(`up{${'"a",'.repeat(n / 4)}`)],
    ["the kind of a pushed exception", (n) => exceptionKind(`a${"_".repeat(n)}a`)],
    ["matchers without a value", (n) => parseMatchers(`a=${" ".repeat(n)}{`)],
    ["matchers with an open quote", (n) => parseMatchers(`a="${"\\\\".repeat(n / 2)}`)],
    ["matchers with many names", (n) => parseMatchers("a=b,".repeat(n / 40))],
    ["slashes", (n) => trimCharacter(`${"/".repeat(n)}a`, "/", "both")],
    ["a line of others", (n) => cleanLine(`a${" ".repeat(n)}a`)],
    ["lines of others", (n) => cleanLines(`a${"\n ".repeat(n / 2)}a`)],
    ["an error of D1", (n) => historyFailure(new Error("maximum ".repeat(n / 8)))],
  ];
  test.each(rows)("%s", (_name, read) => {
    expect(cpuTimeMs(() => void read(MANY), 3, LIMIT_MS)).toBeLessThan(LIMIT_MS);
  });
});

test("a character is trimmed where it is asked for, and nowhere else", () => {
  expect(trimCharacter("//a/b//", "/", "end")).toBe("//a/b");
  expect(trimCharacter("//a/b//", "/", "both")).toBe("a/b");
  expect(trimCharacter("///", "/", "both")).toBe("");
  expect(trimCharacter("", "/", "end")).toBe("");
});
