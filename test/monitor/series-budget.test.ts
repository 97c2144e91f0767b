import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createRenderer } from "../../functions/expose/metrics/render.ts";
import { printedFor, printRules } from "../../functions/expose/prometheus/prometheus-rules.ts";
import type { Config } from "../../functions/model/config.ts";
import { layoutSize } from "../../functions/model/exposed-size.ts";
import { shownFamilies } from "../../functions/model/families/shown-families.ts";
import type { Snapshot } from "../../functions/model/snapshot.ts";
import { SnapshotReader } from "../../functions/model/snapshot-wire.ts";
import { ExposedNumbers, type NumbersAsked } from "../../functions/monitor/exposed-numbers.ts";
import { runBatch } from "../../functions/probe/batch.ts";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";
import { GUIDE } from "../check/guide.ts";
import { type ParsedSample, parseExposition } from "../expose/metrics/parse.ts";
import { wholeText } from "../expose/metrics/whole-text.ts";
import { depsOf, planOf, targetOf } from "../probe/tasks.ts";
import { reset } from "../zako-control.ts";
import { config, World } from "./world.ts";

/** Series of one target with the default probes and one vantage (docs/metrics.md). */
const BUDGET = { standard: 250, full: 1_100 };
const MINUTES = 75;
const MINUTE = 60_000;
const FAMILIES = shownFamilies(PROBE_KINDS);

const today = targetOf({
  name: "a",
  probes: PROBE_KINDS.filter(({ defaults }) => defaults.enabled).map(({ kind }) => planOf(kind)),
});
const configOf = (detail: Config["metrics"]["detail"]): Config =>
  config([today], { metrics: { public: true, created: false, detail } });

/** What a Worker would read of a Monitor, and what Prometheus would read of it. */
function scrape(core: World["core"], detail: Config["metrics"]["detail"], asked: NumbersAsked = {}) {
  const numbers = new ExposedNumbers(configOf(detail), FAMILIES);
  const wire = structuredClone(numbers.pack(core.snapshot(), "1", asked, undefined));
  const snapshot = new SnapshotReader().accept(wire) as Snapshot;
  const text = wholeText(createRenderer(FAMILIES, { openMetrics: false, created: false }), [snapshot]);
  expect(text.length).toBeLessThan(numbers.state(core.snapshot(), asked).mostBytes + 64_000);
  const samples = parseExposition(new TextDecoder().decode(text), "text").flatMap((family) => family.samples);
  return {
    snapshot,
    samples: samples.filter(({ labels }) => labels.some(([name, value]) => name === "target" && value === "a")),
  };
}

/** More than an hour of runs, on a busy machine. */
const PATIENCE_MS = 120_000;

/** The reference Zako, which offers everything, watched with every default probe for more than an hour. */
let seen: Record<"standard" | "full", ReturnType<typeof scrape>>;
let asked: Record<"family" | "target" | "nobody", readonly ParsedSample[]>;
beforeAll(async () => {
  await reset(inject("zakoControl"));
  await runInDurableObject(env.MONITOR.getByName("series-budget"), async (_instance, state) => {
    const world = new World(state.storage, configOf("standard"));
    world.probe = async (tasks, _deadline, deliver) => {
      const { samples } = await runBatch(tasks, { ...depsOf({ now: () => world.now }), timeoutMs: 30_000 });
      deliver(samples);
    };
    for (let minute = 0; minute < MINUTES; minute++) {
      await world.core.wake(world.now, "cron");
      world.now += MINUTE;
    }
    seen = { standard: scrape(world.core, "standard"), full: scrape(world.core, "full") };
    asked = {
      family: scrape(world.core, "standard", { families: ["zako_v1_probe_step_duration_seconds"] }).samples,
      target: scrape(world.core, "standard", { targets: ["a"] }).samples,
      nobody: scrape(world.core, "standard", { targets: ["b"] }).samples,
    };
  });
}, PATIENCE_MS);
afterAll(() => reset(inject("zakoControl")));

describe.each(["standard", "full"] as const)("metrics.detail: %s", (detail) => {
  it("keeps to its budget of series, those that have no value yet included", () => {
    const { snapshot, samples } = seen[detail];
    const block = snapshot.blocks.find(({ target }) => target === "a") as Snapshot["blocks"][number];
    const { lines } = layoutSize(block.layout, new Map(FAMILIES.map((f) => [f.name, f])), snapshot.bounds ?? {}, false);
    expect(samples.length).toBeGreaterThan(BUDGET[detail] * 0.9);
    expect(lines).toBeLessThanOrEqual(BUDGET[detail]);
  });
});

describe("metrics.detail: standard", () => {
  it("shows every family that the rules in force read, and the guide asks for", () => {
    const names = new Set(seen.standard.samples.map(({ name }) => name));
    const full = new Set(seen.full.samples.map(({ name }) => name));
    const rules = printRules(printedFor(configOf("standard"), FAMILIES));
    const read = new Set([...rules.matchAll(/\bzako_(?:v1|watch)_\w+/g)].map(([name]) => name));
    const missing = [...read].filter((name) => full.has(name) && !names.has(name));
    expect(missing).toEqual([]);
    expect([...read].filter((name) => names.has(name)).length).toBeGreaterThan(20);
    const guide = GUIDE.flatMap(({ metrics }) => metrics).flatMap((name) => [name, `${name}_count`]);
    expect(guide.filter((name) => full.has(name) && !names.has(name))).toEqual([]);
  });

  it("shows a hidden family to who asks for it, and nothing else", () => {
    const name = /^zako_v1_probe_step_duration_seconds_(bucket|count|sum)$/;
    expect(asked.family.length).toBeGreaterThan(300);
    expect(asked.family.filter((sample) => !name.test(sample.name))).toEqual([]);
  });

  it("of a target shows that target", () => {
    expect(asked.target.length).toBe(seen.standard.samples.length);
    expect(asked.nobody).toEqual([]);
  });
});
