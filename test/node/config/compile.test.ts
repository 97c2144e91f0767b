import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Compiled, compileConfig } from "../../../functions/config/compile.ts";
import { canonical, digest } from "../../../functions/config/hash.ts";
import type { Issue } from "../../../functions/config/issue.ts";
import type { Config } from "../../../functions/model/config.ts";
import { SAMPLE_KINDS } from "./sample-kinds.ts";
import { shuffled } from "./shuffled.ts";

const compile = (document: unknown, local = false): Compiled => compileConfig(document, SAMPLE_KINDS, { local });

function configOf(document: unknown, local = false): Config {
  const compiled = compile(document, local);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
  return compiled.config;
}

const TARGET = { name: "cas-eu", cas: "https://cas.eu.example" };

/** A document with one of nearly everything. */
const RICH = {
  installation: "prod",
  vantages: ["weur", "enam"],
  shards: 2,
  lanes: 3,
  defaults: {
    protocol: "connect",
    interval: "2m",
    timeout: "8s",
    thresholds: { failures: 3, out_of: 5 },
    write_budget_per_day: "8MiB",
    probes: { "transport.upload": { size: 2_048, interval: "20m" }, "transport.negative": true },
  },
  targets: [
    {
      ...TARGET,
      transport: "https://blobs.eu.example/zako/",
      protocol: "grpc",
      auth: { header: "Authorization", scheme: "Bearer", secret: "ZAKO_TOKEN" },
      transport_auth: { header: "x-token" },
      address: "10.0.0.1:9000",
      labels: { team: "build", tier: "1" },
      token_budget_per_day: 500,
      probes: {
        health: {
          interval: "90s",
          timeout: "5s",
          degraded_after: "500ms",
          critical: false,
          thresholds: { recoveries: 1, failures: 1 },
          service: "zako",
        },
        "cas.details": false,
        "transport.upload": { chunk: 512 },
      },
    },
    { name: "cas-us", cas: "https://cas.us.example", probes: { "transport.negative": false } },
  ],
  metrics: { public: true },
  retention: { samples_days: 7 },
};

describe("a document", () => {
  it("needs a target's name and URL only", () => {
    const thresholds = { failures: 2, outOf: 3, recoveries: 3 };
    const { hash, ...content } = configOf({ targets: [TARGET] });
    expect(hash).toBe(digest(canonical(content)));
    expect(content).toEqual({
      local: false,
      installation: "main",
      gridMs: 60_000,
      shards: 1,
      vantages: ["local"],
      lanes: 1,
      targets: [
        {
          name: "cas-eu",
          casUrl: "https://cas.eu.example",
          transportUrl: "https://cas.eu.example",
          protocol: "grpc-web",
          budgets: { writeBytesPerDay: 16_777_216, tokensPerDay: 1_000 },
          labels: {},
          probes: [
            {
              kind: "health",
              intervalMs: 60_000,
              timeoutMs: 10_000,
              recheckMs: 15_000,
              critical: true,
              thresholds,
              options: { service: "" },
            },
            { kind: "cas.details", intervalMs: 300_000, timeoutMs: 10_000, critical: true, thresholds, options: {} },
            {
              kind: "transport.upload",
              intervalMs: 600_000,
              timeoutMs: 20_000,
              recheckMs: 20_000,
              critical: false,
              thresholds,
              options: { size: 4_096, chunk: 1_024 },
            },
          ],
        },
      ],
      metrics: { public: false, created: false },
      retention: { samplesDays: 30, rollupsDays: 400 },
    });
  });

  it("lays what a target says over what all share, key by key", () => {
    const config = configOf(RICH);
    const [first, second] = config.targets;
    expect({ ...config, targets: [] }).toEqual({
      hash: config.hash,
      local: false,
      installation: "prod",
      gridMs: 10_000,
      shards: 2,
      vantages: ["weur", "enam"],
      lanes: 3,
      targets: [],
      metrics: { public: true, created: false },
      retention: { samplesDays: 7, rollupsDays: 400 },
    });
    const shared = { failures: 3, outOf: 5, recoveries: 3 };
    expect(first).toEqual({
      name: "cas-eu",
      casUrl: "https://cas.eu.example",
      transportUrl: "https://blobs.eu.example/zako",
      protocol: "grpc",
      auth: { header: "authorization", scheme: "Bearer", secret: "ZAKO_TOKEN" },
      transportAuth: { header: "x-token" },
      address: "10.0.0.1:9000",
      budgets: { writeBytesPerDay: 8_388_608, tokensPerDay: 500 },
      labels: { team: "build", tier: "1" },
      probes: [
        {
          kind: "health",
          intervalMs: 90_000,
          timeoutMs: 5_000,
          recheckMs: 15_000,
          degradedAfterMs: 500,
          critical: false,
          thresholds: { failures: 1, outOf: 5, recoveries: 1 },
          options: { service: "zako" },
        },
        {
          kind: "transport.upload",
          intervalMs: 1_200_000,
          timeoutMs: 8_000,
          recheckMs: 15_000,
          critical: false,
          thresholds: shared,
          options: { size: 2_048, chunk: 512 },
        },
        {
          kind: "transport.negative",
          intervalMs: 120_000,
          timeoutMs: 8_000,
          recheckMs: 15_000,
          critical: false,
          thresholds: shared,
          options: {},
        },
      ],
    });
    expect(second?.protocol).toBe("connect");
    // A general interval does not reach what writes or mints: health takes it, the others keep their own.
    expect(second?.probes.map(({ kind, intervalMs }) => [kind, intervalMs])).toEqual([
      ["health", 120_000],
      ["cas.details", 300_000],
      ["transport.upload", 1_200_000],
    ]);
  });

  it("leaves room for a confirmation beside a default timeout, in the interval and in the slot", () => {
    const [target] = configOf({ targets: [{ ...TARGET, probes: { health: { interval: "10s" } } }] }).targets;
    expect(target?.probes[0]?.timeoutMs).toBe(4_500);
    // One probe on the finer grid makes the slots of all of them shorter.
    const [mixed] = configOf({ targets: [{ ...TARGET, probes: { health: { interval: "90s" } } }] }).targets;
    expect(mixed?.probes.map(({ timeoutMs }) => timeoutMs)).toEqual([4_500, 4_500, 4_500]);
  });

  it.each([
    [undefined, undefined, true],
    [undefined, false, false],
    [undefined, { enabled: false }, false],
    [false, undefined, false],
    [false, {}, true],
    [{ enabled: false }, undefined, false],
    [{ enabled: false }, true, true],
    [{ enabled: false, service: "zako" }, { critical: false }, true],
    [true, false, false],
  ])("with health %j for all and %j for one has it on: %j", (all, one, on) => {
    const probes = configOf({
      defaults: { probes: all === undefined ? {} : { health: all } },
      targets: [{ ...TARGET, probes: one === undefined ? {} : { health: one } }],
    }).targets[0]?.probes;
    expect(probes?.some(({ kind }) => kind === "health")).toBe(on);
  });

  it("made for a local run shows its metrics", () => {
    const config = configOf({ targets: [{ name: "here", cas: "http://127.0.0.1:9000" }] }, true);
    expect([config.local, config.metrics.public]).toEqual([true, true]);
  });

  it("may use its budgets up, and no byte or token more", () => {
    const upload = (budget: unknown) => compile({ targets: [{ ...TARGET, write_budget_per_day: budget }] }).ok;
    expect([upload(144 * 4_096), upload(144 * 4_096 - 1)]).toEqual([true, false]);
    const details = (budget: number) => compile({ targets: [{ ...TARGET, token_budget_per_day: budget }] }).ok;
    expect([details(288), details(287)]).toEqual([true, false]);
  });

  it("mints no more from several vantages, since they take turns", () => {
    expect(compile({ vantages: ["weur", "enam", "oc"], targets: [{ ...TARGET, token_budget_per_day: 288 }] }).ok).toBe(
      true,
    );
  });

  it("may not have the same name twice in any of several places", () => {
    const compiled = compile({ targets: [TARGET, TARGET, { ...TARGET, name: "b" }, TARGET] });
    expect(compiled.ok ? [] : compiled.issues.map(({ path }) => path)).toEqual([
      ["targets", 1, "name"],
      ["targets", 3, "name"],
    ]);
  });
});

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
