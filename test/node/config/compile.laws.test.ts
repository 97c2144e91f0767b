import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Compiled } from "../../../functions/config/compile.ts";
import { canonical } from "../../../functions/config/hash.ts";
import type { Issue } from "../../../functions/config/issue.ts";
import { compile, RICH } from "./compiled-documents.ts";
import { shuffled } from "./shuffled.ts";

/** Whether the document has this path; a key that is missing hangs on one that is there. */
function exists(document: unknown, { path, message }: Issue): boolean {
  let at = document;
  return path.every((part, i) => {
    if (typeof at === "object" && at !== null && Object.hasOwn(at, part)) {
      at = Reflect.get(at, part);
      return true;
    }
    return i === path.length - 1 && /^is missing|^its default/.test(message);
  });
}

/** Every path of a value, from the top. */
const pathsOf = (value: unknown, path: (string | number)[] = []): (string | number)[][] => {
  if (typeof value !== "object" || value === null) return [path];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...entries.flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
};

/** The value with what stands at a path replaced, or dropped. */
function changed(value: unknown, path: readonly (string | number)[], by: { value: unknown } | "drop"): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return by === "drop" ? null : by.value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    if (rest.length === 0 && by === "drop") return value.filter((_, i) => i !== head);
    return value.map((entry, i) => (i === head ? changed(entry, rest, by) : entry));
  }
  const entries = Object.entries(value).filter(([key]) => !(rest.length === 0 && by === "drop" && key === head));
  return Object.fromEntries(entries.map(([key, inner]) => [key, key === head ? changed(inner, rest, by) : inner]));
}

const scrap = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e21,
    "",
    "5s",
    "10s",
    "1m",
    "55s",
    "1d",
    "4KiB",
    "https://a.example",
    {},
    [],
    "weur",
  ),
  fc
    .constantFrom(...pathsOf(RICH))
    .map((path) => path.reduce<unknown>((at, part) => Reflect.get(at as object, part), RICH)),
);
const change = fc.record({
  path: fc.constantFrom(...pathsOf(RICH)),
  by: fc.oneof(
    scrap.map((value) => ({ value })),
    fc.constant("drop" as const),
  ),
});
const mutant = fc
  .array(change, { minLength: 1, maxLength: 6 })
  .map((changes) => changes.reduce<unknown>((document, { path, by }) => changed(document, path, by), RICH));
const anyDocument = fc.oneof({ weight: 3, arbitrary: mutant }, { weight: 1, arbitrary: fc.jsonValue() });

describe("laws of the compiler", () => {
  it("any document compiles, or has issues at places that it has", () => {
    let right = 0;
    fc.assert(
      fc.property(anyDocument, fc.boolean(), (document, local) => {
        const compiled = compile(document, local);
        if (compiled.ok) right++;
        const said = compiled.ok ? [] : compiled.issues;
        expect(compiled.ok || said.length > 0).toBe(true);
        for (const issue of said) {
          expect(exists(document, issue), JSON.stringify(issue)).toBe(true);
          expect(issue.message).not.toMatch(/undefined|\[object|NaN/);
        }
        expect(new Set(said.map((issue) => JSON.stringify(issue))).size).toBe(said.length);
      }),
      { numRuns: 1_000 },
    );
    // Otherwise the laws below would be about nothing.
    expect(right).toBeGreaterThan(50);
  });

  it("what compiles is sane and plain", () => {
    fc.assert(
      fc.property(mutant, (document) => {
        const compiled = compile(document);
        if (!compiled.ok) return;
        const { config } = compiled;
        expect(JSON.parse(JSON.stringify(config))).toEqual(config);
        expect(new Set(config.targets.map(({ name }) => name)).size).toBe(config.targets.length);
        expect(config.vantages.length).toBeGreaterThan(0);
        for (const plan of config.targets.flatMap(({ probes }) => probes)) {
          expect(plan.intervalMs % config.gridMs).toBe(0);
          expect(plan.timeoutMs).toBeLessThan(plan.intervalMs);
          expect(plan.timeoutMs).toBeLessThanOrEqual(55_000);
          expect(plan.degradedAfterMs ?? 0).toBeLessThan(plan.timeoutMs);
          expect(plan.thresholds.failures).toBeLessThanOrEqual(plan.thresholds.outOf);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("the order of keys changes nothing", () => {
    fc.assert(
      fc.property(mutant, fc.infiniteStream(fc.nat(99)), (document, numbers) => {
        const [a, b] = [compile(document), compile(shuffled(document, numbers))];
        const sorted = ({ ok, ...rest }: Compiled) =>
          ok ? rest : { issues: new Set("issues" in rest ? rest.issues.map((issue) => JSON.stringify(issue)) : []) };
        expect(sorted(b)).toEqual(sorted(a));
      }),
      { numRuns: 500 },
    );
  });

  it("compiling twice gives the same, and leaves the document alone", () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        const before = JSON.stringify(document);
        expect(compile(document)).toEqual(compile(document));
        expect(JSON.stringify(document)).toBe(before);
      }),
    );
  });

  it("a wrong key hides no other", () => {
    const wrong: [readonly (string | number)[], unknown][] = [
      [["installation"], "a/b"],
      [["vantages", 1], "mars"],
      [["shards"], 0],
      [["defaults", "timeout"], "2m"],
      [["targets", 0, "cas"], "http://cas.eu.example"],
      [["targets", 0, "address"], "x"],
      [["targets", 0, "auth", "secret"], "hunter2"],
      [["targets", 0, "probes", "health", "interval"], "5s"],
      [["targets", 0, "probes", "transport.upload", "chunk"], -1],
      [["targets", 1, "name"], "a b"],
      [["retention", "samples_days"], 0],
    ];
    fc.assert(
      fc.property(fc.subarray(wrong, { minLength: 1 }), (picked) => {
        const document = picked.reduce<unknown>((at, [path, value]) => changed(at, path, { value }), RICH);
        const compiled = compile(document);
        const paths = compiled.ok ? [] : compiled.issues.map(({ path }) => JSON.stringify(path));
        expect(paths).toEqual(expect.arrayContaining(picked.map(([path]) => JSON.stringify(path))));
        expect(paths).toHaveLength(picked.length);
      }),
    );
  });

  it("any change of what is compiled changes the hash", () => {
    const hashes = new Map<string, string>();
    fc.assert(
      fc.property(mutant, (document) => {
        const compiled = compile(document);
        if (!compiled.ok) return;
        const { hash, ...content } = compiled.config;
        const text = canonical(content);
        expect(hashes.get(hash) ?? text).toBe(text);
        hashes.set(hash, text);
      }),
      { numRuns: 500 },
    );
    expect(hashes.size).toBeGreaterThan(10);
  });
});
