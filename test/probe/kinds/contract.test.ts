import { afterEach, describe, expect, inject, it } from "vitest";
import { ruleOfKind } from "../../../functions/config/rules/catalogue.ts";
import { whyInactive } from "../../../functions/evaluate/rules/active-rules.ts";
import { shownFamilies } from "../../../functions/model/families/shown-families.ts";
import { remember } from "../../../functions/model/probing/remember.ts";
import type { Sample } from "../../../functions/model/probing/sample.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { runTask } from "../../../functions/probe/run.ts";
import { reset, setFault, state } from "../../zako-control.ts";
import { depsOf, livedIn, planOf, SLOT, targetOf, taskOf } from "../tasks.ts";

const control = inject("zakoControl");
afterEach(() => reset(control));

const transportAuth = { header: "authorization", scheme: "Bearer" };

/** A run against the server as it is, with all that it may need. */
async function runOf(kind: string): Promise<{ sample: Sample; calls: number; storedBytes: number }> {
  const { advertisedAddress: address } = await state(control);
  const target = targetOf({ address, transportAuth });
  const lived = await livedIn();
  const { memory } = await runTask(taskOf("cas.details", { target, memory: lived }), depsOf());
  const [before, stored] = [await callsStarted(), await storeBytes()];
  const task = taskOf(kind, { target, plan: planOf(kind), memory: remember(lived, memory ?? {}, SLOT) });
  const sample = await runTask(task, depsOf());
  return { sample, calls: (await callsStarted()) - before, storedBytes: (await storeBytes()) - stored };
}

const callsStarted = async () => Object.values((await state(control)).started).reduce((sum, count) => sum + count, 0);

const storeBytes = async () => (await state(control)).blobs.sizeBytes;

describe.each(PROBE_KINDS.map((kind) => [kind.kind, kind] as const))("%s", (name, kind) => {
  it("makes as many calls as declared, and requests as many tokens", async () => {
    const { sample, calls } = await runOf(name);
    expect(sample.outcome).toBe("ok");
    expect(calls).toBe(kind.calls(planOf(name).options));
    expect(sample.memory?.tokens ?? 0).toBe(kind.tokensIssued);
  });

  it("adds no more to the store than it says", async () => {
    const { storedBytes } = await runOf(name);
    expect(storedBytes).toBeLessThanOrEqual(kind.writesBytes(planOf(name).options));
  });

  it("has a doc of one sentence, and a runbook for each rule that it brings", () => {
    expect(kind.doc).toMatch(/^[A-Z].*[.]$/);
    const { rules = [], runbooks = [] } = kind;
    for (const rule of rules)
      expect(runbooks.find(({ slug }) => slug === rule.runbook)?.alerts ?? [], rule.name).toContain(rule.name);
    for (const runbook of runbooks) expect(rules.map((rule) => rule.runbook)).toContain(runbook.slug);
    const known = new Map(shownFamilies(PROBE_KINDS).map((family) => [family.name, family]));
    for (const rule of rules) expect(whyInactive(ruleOfKind(rule), known), rule.name).toBeUndefined();
  });

  it("reports the steps that it declares, in order", async () => {
    const { sample } = await runOf(name);
    expect(sample.steps.map((step) => step.name)).toEqual(kind.steps);
    for (const minor of kind.minorSteps) expect(kind.steps).toContain(minor);
  });

  it.each(["", "unreadable", "short-download", "reset", "full-disk", "diagnostics-off", "exception-storm"])(
    "feeds only families that it declares, with all their labels, healthy or not: %j",
    async (fault) => {
      if (fault !== "") await setFault(control, fault);
      const { sample } = await runOf(name);
      for (const { family, temporality, since } of sample.metrics ?? []) {
        const type = kind.families.find((one) => one.name === family)?.type;
        expect([family, temporality === "now" ? "gauge" : "counter or histogram"]).toEqual([
          family,
          type === "counter" || type === "histogram" ? "counter or histogram" : type,
        ]);
        if (temporality === "total" && kind.tier !== "outside") expect(since).toBeGreaterThan(0);
      }
      for (const { family, labels, value } of [...sample.observations, ...(sample.metrics ?? [])]) {
        if (family === "zako_v1_probe_retries_total") continue;
        const declared = kind.families.find((one) => one.name === family);
        expect(["target", ...Object.keys(labels)].sort()).toEqual(declared?.labels.toSorted());
        for (const number of typeof value === "number" ? [value] : [...value.counts, value.sum]) {
          expect(number).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(number)).toBe(true);
        }
      }
    },
  );

  it("shows from the start only counters and histograms that it declares", () => {
    for (const { family, labels } of kind.initial(planOf(name).options)) {
      const declared = kind.families.find((one) => one.name === family);
      expect(["counter", "histogram"]).toContain(declared?.type);
      expect(["target", ...Object.keys(labels)].sort()).toEqual(declared?.labels.toSorted());
    }
  });

  it("refuses keys that it does not know", () => {
    expect(kind.options.safeParse({}).success).toBe(true);
    expect(kind.options.safeParse({ never_heard_of: 1 }).success).toBe(false);
  });
});

it("gives each kind a name of its own, and families that agree wherever they are declared", () => {
  expect(new Set(PROBE_KINDS.map(({ kind }) => kind)).size).toBe(PROBE_KINDS.length);
  const families = new Map<string, unknown>();
  for (const family of PROBE_KINDS.flatMap((kind) => kind.families)) {
    expect(families.get(family.name) ?? family).toEqual(family);
    families.set(family.name, family);
  }
});

it("says of the kinds that we ship how much they write", () => {
  const written = PROBE_KINDS.map((kind) => [kind.kind, kind.writesBytes(planOf(kind.kind).options)]);
  expect(Object.fromEntries(written)).toMatchObject({
    health: 0,
    "cas.details": 0,
    "cas.negotiate": 0,
    "transport.download": 0,
    "transport.upload": 4_096,
    "transport.journey": 4_096,
    "transport.negative": 256,
    "worker.submit": 0,
    "worker.gc": 0,
    "engine.execute": 0,
    "engine.context": 0,
    "resource.heuristics": 0,
    scrape: 0,
    push: 0,
  });
});

it("refuses a golden blob above the byte cap, and one whose digest is none", () => {
  const download = PROBE_KINDS.find(({ kind }) => kind === "transport.download");
  const golden = { digest: "0".repeat(64), size_bytes: 2 ** 20 };
  expect(download?.options.safeParse({ golden }).success).toBe(true);
  expect(download?.options.safeParse({ golden: { ...golden, size_bytes: 2 ** 20 + 1 } }).success).toBe(false);
  expect(download?.options.safeParse({ golden: { ...golden, digest: "0".repeat(63) } }).success).toBe(false);
});
