import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { judgeLock } from "../../check/lock-integrity.ts";

const TEXT = readFileSync("package-lock.json", "utf8");
type Lock = { packages: Record<string, { integrity?: string }> };

it("every package that is locked, of every platform, has its integrity", () => {
  expect(judgeLock(TEXT)).toEqual([]);
  expect(Object.keys((JSON.parse(TEXT) as Lock).packages).length).toBeGreaterThan(100);
});

it("one that lacks it, or has a weak one, is found whichever it is", () => {
  const paths = Object.keys((JSON.parse(TEXT) as Lock).packages).filter((path) => path !== "");
  fc.assert(
    fc.property(
      fc.constantFrom(...paths),
      fc.constantFrom(undefined, "", "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="),
      (path, weak) => {
        const lock = JSON.parse(TEXT) as Lock;
        const entry = lock.packages[path] as { integrity?: string };
        if (weak === undefined) delete entry.integrity;
        else entry.integrity = weak;
        expect(judgeLock(JSON.stringify(lock))).toEqual([expect.stringContaining(`package-lock.json: ${path} `)]);
      },
    ),
    { numRuns: 20 },
  );
});

it("the project itself and links are nothing that npm downloads", () => {
  expect(judgeLock(JSON.stringify({ packages: { "": { version: "1" }, a: { link: true } } }))).toEqual([]);
});
