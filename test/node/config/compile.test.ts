import { describe, expect, it } from "vitest";
import { canonical, digest } from "../../../functions/config/hash.ts";
import { compile, configOf, RICH, TARGET } from "./compiled-documents.ts";

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
      headers: [{ header: "authorization", scheme: "Bearer", secret: "ZAKO_TOKEN" }],
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
