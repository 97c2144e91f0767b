import { expect, it } from "vitest";
import { judgeLengths, longFunctions } from "../../check/long-functions.ts";

const body = (lines: number): string => `{\n${"  count += 1;\n".repeat(lines - 2)}}`;
const file = (lines: number): string => "export const x = 1;\n".repeat(lines);

it.each([
  ["f", (b: string) => `export function f(): void ${b}`],
  ["g", (b: string) => `export const g = async <T>(x: T): Promise<void> => ${b};`],
  ["h", (b: string) => `class A {\n  h(): void ${b}\n}`],
  ["#i", (b: string) => `class A {\n  #i(): void ${b}\n}`],
  ["constructor", (b: string) => `class A {\n  constructor() ${b}\n}`],
  ["j", (b: string) => `export const o = { j() ${b} };`],
])("finds %s past 60 lines", (name, source) => {
  expect(longFunctions("a.ts", `let count = 0;\n${source(body(60))}\n`)).toEqual([]);
  expect(longFunctions("a.ts", `let count = 0;\n${source(body(61))}\n`)).toEqual([
    { name: name.replace("#", ""), line: expect.any(Number), lines: 61 },
  ]);
});

it("fails a long function that has no reason, and a reason that nothing needs", () => {
  const files = new Map([["functions/a.ts", `function f() ${body(61)}\n`]]);
  const allowed = [{ file: "functions/a.ts", name: "f", why: "one table" }];
  expect(judgeLengths(files, []).faults).toEqual(["functions/a.ts:1: f has 61 lines, more than 60: cut it in parts"]);
  expect(judgeLengths(files, allowed).faults).toEqual([]);
  expect(judgeLengths(new Map([["functions/a.ts", ""]]), allowed).faults).toEqual([
    "f of functions/a.ts needs no reason any more: take it off the list",
  ]);
});

it("allows five long functions, and no more", () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const files = new Map(names.map((name) => [`${name}.ts`, `function ${name}() ${body(61)}\n`]));
  const allowed = names.map((name) => ({ file: `${name}.ts`, name, why: "one table" }));
  expect(judgeLengths(files, allowed).faults).toEqual(["6 functions are allowed to be long, more than 5"]);
});

it("fails a file past 250 lines without a reason, and one past 400 with one", () => {
  const allowed = [{ file: "a.ts", why: "one table" }];
  expect(judgeLengths(new Map([["a.ts", file(250)]]), []).faults).toEqual([]);
  expect(judgeLengths(new Map([["a.ts", file(251)]]), []).faults).toHaveLength(1);
  expect(judgeLengths(new Map([["a.ts", file(400)]]), allowed).faults).toEqual([]);
  expect(judgeLengths(new Map([["a.ts", file(401)]]), allowed).faults[0]).toContain("more than 400");
});
