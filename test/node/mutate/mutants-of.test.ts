import { describe, expect, it } from "vitest";
import { parse } from "../../check/syntax.ts";
import { applied, changedLines } from "../../mutate/mutant.ts";
import { mutantsOf } from "../../mutate/mutants-of.ts";

/** What the mutants of a text are, each as the whole text that it makes. */
const mutated = (text: string): string[] => mutantsOf("a.ts", text).map((mutant) => applied(mutant, text));

describe("mutants of", () => {
  it.each<[text: string, ...made: string[]]>([
    ["a < b;", "a <= b;"],
    ["a - b - c;", "a - b + c;", "a + b - c;"],
    ["x += y;", "x -= y;", "{}"],
    ["x = a && b;", "x = b;", "x = a;", "x = ((a) || (b));", "{}"],
    ["x = a ?? b;", "x = b;", "{}"],
    ["if (a) b;", "if (!(a)) b;", "if ((false as boolean)) b;", "if ((true as boolean)) b;"],
    ["x = a ? b : c;", "x = !(a) ? b : c;", "x = (b);", "x = (c);", "{}"],
    ["for (const a of b) continue;", "for (const a of b) {}"],
    ["await f();", "void f();", "{}"],
    ["const x = await f();", "const x = f();"],
    ["const x = a.some(f);", "const x = a.every(f);"],
    ["const x = a.filter(f);", "const x = a;"],
    ["const x = { ...a, b };", "const x = { ...{}, b };"],
    ["const x = [...a];", "const x = [...[]];"],
    ["const x = !a;", "const x = (a);"],
    ["const x = true;", "const x = false;"],
    ["const x = 0;", "const x = 1;"],
    ["const f = () => { g(); };", "const f = () => { return;  g(); };", "const f = () => { {} };"],
    ["const [x, y] = ['up', 'down'];", "const [x, y] = [\"down\", 'down'];", "const [x, y] = ['up', \"up\"];"],
  ])("%s", (text, ...made) => {
    expect(mutated(text).sort()).toEqual(made.sort());
  });

  it("types, names, imports and texts are none", () => {
    const text = `import { a } from "./up.ts"; type X = "up" | "down"; const x: X = "up"; const t = "What people read.";`;
    expect(mutated(text)).toEqual([]);
  });

  it("any text can be parsed", () => {
    const text = `
      export async function f(a: number[], b?: number): Promise<number> {
        for (let i = 0; i < a.length; i++) if (a[i] === b || !(b! > 1)) { await f([...a, -1]); continue; }
        return Math.max(...a.slice(1).filter((x) => x % 2 === 1 && x !== 3), b ?? (a.length > 3 ? 1 : 2));
      }`;
    expect(mutated(text).length).toBeGreaterThan(30);
    for (const one of mutated(text)) expect(() => parse("a.ts", one), one).not.toThrow();
  });
});

it("shows what a mutant changes in one line", () => {
  const text = "a();\n  if (\n    b\n  ) c();\n";
  const [mutant] = mutantsOf("a.ts", text).filter(({ what }) => what === "negate the condition");
  expect(mutant && { line: mutant.line, ...changedLines(mutant, text) }).toEqual({
    line: 3,
    before: "b",
    after: "!(b)",
  });
});
