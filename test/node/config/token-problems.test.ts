import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { configCheck } from "../../../functions/cli/config/config-check.ts";
import { dispatch } from "../../../functions/cli/dispatch.ts";
import { type OwnToken, tokenProblems } from "../../../functions/config/token-problems.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";

const GOOD = "0123456789abcdef";
const OTHER = "fedcba9876543210";
const token = (binding: string, opens: OwnToken["opens"], value: string): OwnToken => ({ binding, opens, value });

it.each([
  ["good ones", [token("A", "admin", GOOD), token("M", "metrics", OTHER)], {}],
  ["one that is not set", [token("A", "admin", " \n"), token("M", "metrics", "")], {}],
  [
    "a line end, which does not count",
    [token("A", "admin", "0123456789abcde\n")],
    { A: "has 15 characters, fewer than 16" },
  ],
  ["few characters", [token("A", "admin", "abab".repeat(9))], { A: "repeats a few characters" }],
  [
    "a twin, but for blanks",
    [token("A", "admin", `${GOOD}\n`), token("M", "metrics", GOOD)],
    { A: "has the same value as M" },
  ],
  [
    "a twin among those of senders",
    [token("M", "metrics", GOOD), token("P", "push", GOOD), token("Q", "push", GOOD)],
    { M: "has the same value as P" },
  ],
])("%s", (_, tokens, problems) => expect(Object.fromEntries(tokenProblems(tokens))).toEqual(problems));

it("of any set of tokens, none that is left opens more than another of the same value", () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("admin", "metrics", "push"), fc.constantFrom(GOOD, OTHER, "short")), {
        maxLength: 8,
      }),
      (all) => {
        const tokens = all.map(([opens, value], i) => token(`T${i}`, opens as OwnToken["opens"], value));
        const problems = tokenProblems(tokens);
        const left = tokens.filter(({ binding }) => !problems.has(binding));
        for (const one of left)
          for (const other of left) if (one.value === other.value) expect(one.opens).toBe(other.opens);
        for (const { value } of left) expect(value.length).toBeGreaterThanOrEqual(16);
      },
    ),
  ));

it("config check refuses what .dev.vars says", () => {
  const folder = mkdtempSync(join(tmpdir(), "zako-watch-test-"));
  const before = process.cwd();
  const err: string[] = [];
  try {
    process.chdir(folder);
    writeFileSync("watch.yaml", "targets: [{ name: cas-eu, cas: https://cas.eu.example }]\n");
    writeFileSync(".dev.vars", `ADMIN_TOKEN=secret\nMETRICS_TOKEN=${GOOD}\n`);
    const context = { kinds: PROBE_KINDS, env: {}, print: () => {}, complain: (line: string) => err.push(line) };
    expect(dispatch(["config", "check"], [configCheck], context)).toBe(1);
    expect(err).toEqual([
      ".dev.vars: ADMIN_TOKEN has 6 characters, fewer than 16; `openssl rand -hex 32` makes a good one",
    ]);
    writeFileSync(".dev.vars", `ADMIN_TOKEN=${OTHER}\nMETRICS_TOKEN=${GOOD}\n`);
    expect(dispatch(["config", "check"], [configCheck], context)).toBe(0);
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  }
});
