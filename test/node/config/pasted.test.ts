import fc from "fast-check";
import { expect, it } from "vitest";
import { messagesOf } from "../../check/pasted.ts";
import { PASTED } from "../../fixtures/pasted.ts";

it.each(PASTED)("$tool: $text $at", (pasted) => {
  const messages = messagesOf(pasted);
  expect(messages.filter((message) => message.includes(pasted.says))).not.toEqual([]);
});

it("there are a hundred of them, and none twice", () => {
  expect(PASTED.length).toBeGreaterThanOrEqual(100);
  expect(new Set(PASTED.map(({ at, text }) => `${at} ${text}`)).size).toBe(PASTED.length);
});

it("every message says where, and what to do: none only that something is wrong", () => {
  for (const pasted of PASTED) {
    const messages = messagesOf(pasted).join(" ");
    expect(messages, pasted.text).toMatch(/write|use|give|add|remove|choose|did you mean|mapping of keys/);
  }
});

it("a variable of the environment is spoken of wherever a value can stand, and its value is not asked for twice", () =>
  fc.assert(
    fc.property(
      fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,10}$/),
      fc.constantFrom(
        "installation: X",
        "external_url: X",
        "vantages: [X]",
        "metrics: { public: X }",
        "maintenance: [{ name: X }]",
      ),
      fc.constantFrom(`$${"{N}"}`, `$${"{N:-default}"}`, "$N"),
      (name, text, form) => {
        const written = `'${form.replace("N", () => name)}'`;
        const said = messagesOf({ at: "top", text: text.replace("X", () => written) });
        const about = said.filter((line) => line.includes(`the variable ${name} of the environment`));
        expect(about).toHaveLength(1);
        const [path] = (about[0] as string).split(": ");
        expect(said.filter((line) => line.startsWith(`${path}: `))).toHaveLength(1);
      },
    ),
    { numRuns: 40 },
  ));
