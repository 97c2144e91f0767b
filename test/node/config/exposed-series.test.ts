import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileConfig } from "../../../functions/config/compile.ts";
import { exposedSeries } from "../../../functions/config/exposed-series.ts";
import { rulesOf } from "../../../functions/config/rules/catalogue.ts";
import { bucketsFrom, readsOf } from "../../../functions/evaluate/rules/condition.ts";
import { quantileOf } from "../../../functions/evaluate/rules/quantile.ts";
import { readLabels } from "../../../functions/lib/label-read.ts";
import { matchesAll } from "../../../functions/model/alerting/matches.ts";
import type { Config } from "../../../functions/model/config.ts";
import { shownFamilies } from "../../../functions/model/families/shown-families.ts";
import { DURATION_BUCKETS, type Family } from "../../../functions/model/metric.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";

const TARGET = { name: "cas-eu", cas: "https://cas.eu.example" };

function configOf(document: Record<string, unknown>): Config {
  const compiled = compileConfig({ targets: [TARGET], ...document }, PROBE_KINDS, { local: false });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
  return compiled.config;
}

const exposedBy = (document: Record<string, unknown> = {}) => {
  const config = configOf(document);
  return exposedSeries(config, shownFamilies(PROBE_KINDS, config.imports));
};

describe("metrics.detail", () => {
  const BY_DETAIL = [
    ["zako_v1_probe_success", 'probe="health",vantage="local"', true],
    ["zako_v1_probe_duration_seconds", 'probe="health"', true],
    ["zako_v1_probe_step_duration_seconds", 'probe="health",step="check"', false],
    ["zako_v1_probe_state", 'probe="health"', false],
    ["zako_v1_probe_votes_total", 'probe="health",outcome="failed"', false],
    // The shipped rules about uploads count their votes.
    ["zako_v1_probe_votes_total", 'probe="transport.upload",outcome="failed"', true],
    ["zako_v1_probe_votes_total", 'probe="transport.upload",outcome="degraded"', true],
    ["zako_v1_worker_gc_seconds_total", 'source="probe",pool="v8"', false],
    // Whoever pushes it wants to see it.
    ["zako_v1_worker_gc_seconds_total", 'source="push",pool="v8"', true],
  ] as const;

  it.each(BY_DETAIL)("standard, %s{%s}: %s; full shows it", (family, labels, isShown) => {
    expect(exposedBy().shows(family, labels)).toBe(isShown);
    expect(exposedBy({ metrics: { detail: "full" } }).shows(family, labels)).toBe(true);
  });

  it("full has all buckets, standard those of the families and of the rules", () => {
    expect(exposedBy({ metrics: { detail: "full" } }).bounds).toEqual({});
    const { bounds } = exposedBy();
    const shown = (family: string): readonly number[] => (bounds[family] ?? []).map((i) => DURATION_BUCKETS[i] ?? 0);
    expect(shown("zako_v1_probe_duration_seconds")).toEqual([]);
    expect(shown("zako_v1_transport_download_duration_seconds")).toEqual([0.1, 1, 2.5, 5, 10]);
    expect(shown("zako_v1_worker_gc_duration_seconds")).toEqual([1, 2.5, 5, 10]);
    expect(bounds["zako_v1_build_duration_seconds"]).toBeUndefined();
  });

  it("shows what a rule of the user reads", () => {
    const rule = (condition: Record<string, unknown>) =>
      exposedBy({ rules: { Mine: { severity: "info", summary: "Mine", description: "Mine.", ...condition } } });
    const slow = { kind: "quantile", histogram: 'zako_v1_probe_step_duration_seconds{step="pull"}', quantile: 0.9 };
    const { shows, bounds } = rule({ ...slow, window: "15m", value: 0.3 });
    expect(shows("zako_v1_probe_step_duration_seconds", 'probe="transport.download",step="pull"')).toBe(true);
    expect(shows("zako_v1_probe_step_duration_seconds", 'probe="transport.download",step="verify"')).toBe(false);
    expect(bounds["zako_v1_probe_step_duration_seconds"]).toBeUndefined();
    const degraded = rule({ kind: "verdict", of: "probe", state: "degraded", by: ["target", "probe"] });
    expect(degraded.shows("zako_v1_probe_state", 'probe="health"')).toBe(true);
  });

  it("shows the buckets of the lowest number that an override compares with", () => {
    const overrides = [{ match: ['target="cas-eu"'], value: 0.03 }];
    const { bounds } = exposedBy({ rules: { ZakoTransportDownloadLatencyP95High: { overrides } } });
    const [lowest] = bounds["zako_v1_transport_download_duration_seconds"] ?? [];
    expect(DURATION_BUCKETS[lowest ?? 0]).toBe(0.025);
  });
});

describe("every shipped rule can be evaluated on what is shown", () => {
  const exposed = exposedBy();
  const families = new Map(shownFamilies(PROBE_KINDS).map((family) => [family.name, family]));
  const reads = rulesOf(configOf({})).flatMap(({ name, condition }) =>
    readsOf(condition).map(({ selector }) => ({ name, selector, from: bucketsFrom(condition) })),
  );

  it.each(reads)("$name: $selector.family", ({ selector, from }) => {
    const family = families.get(selector.family) as Family;
    for (const probe of PROBE_KINDS.map(({ kind }) => kind)) {
      const labels = family.labels
        .filter((label) => label !== "target")
        .map((label) => `${label}="${label === "probe" ? probe : label === "source" ? "probe" : "x"}"`);
      const printed = labels.join(",");
      // Values of the other labels are matched as far as the matchers allow.
      const wanted = (selector.matchers ?? []).filter(({ name }) => name === "probe" || name === "source");
      if (!matchesAll(wanted, readLabels(printed))) continue;
      const exact = (selector.matchers ?? []).reduce(
        (text, { name, op, value }) =>
          op === "=" ? text.replace(new RegExp(`\\b${name}="[^"]*"`), `${name}="${value}"`) : text,
        printed,
      );
      if (!matchesAll(selector.matchers ?? [], readLabels(exact))) continue;
      expect(exposed.shows(family.name, exact)).toBe(true);
    }
    if (family.type !== "histogram") return;
    const kept = exposed.bounds[family.name]?.map((i) => family.buckets[i] ?? 0) ?? family.buckets;
    expect(Math.max(...kept)).toBe(Math.max(...family.buckets));
    const needed = family.buckets.filter((bound, i) => bound >= from || (family.buckets[i + 1] ?? 0) > from);
    expect(kept).toEqual(expect.arrayContaining(needed));
  });
});

it("a quantile is above a number with the buckets shown exactly where it is with all, and then the same", () => {
  const counts = fc.array(fc.nat({ max: 20 }), { minLength: 12, maxLength: 12 });
  const number = fc.oneof(fc.constantFrom(...DURATION_BUCKETS), fc.double({ min: 0.001, max: 12, noNaN: true }));
  const base = configOf({});
  fc.assert(
    fc.property(number, fc.double({ min: 0, max: 1, noNaN: true }), counts, (value, q, all) => {
      fc.pre(all.some((count) => count > 0));
      const rules = rulesOf(base)
        .filter(({ name }) => name === "ZakoTransportDownloadLatencyP95High")
        .map((rule) => ({ ...rule, condition: { ...rule.condition, value } }));
      const { bounds } = exposedSeries({ ...base, rules }, shownFamilies(PROBE_KINDS));
      const indexes = bounds["zako_v1_transport_download_duration_seconds"] ?? DURATION_BUCKETS.map((_, i) => i);
      const shown = indexes.map((i) => DURATION_BUCKETS[i] as number);
      const merged = [...indexes, 11].map((to, i) =>
        all.slice((indexes[i - 1] ?? -1) + 1, to + 1).reduce((a, b) => a + b, 0),
      );
      const whole = quantileOf(q, DURATION_BUCKETS, all);
      const fewer = quantileOf(q, shown, merged);
      expect([fewer > value, fewer >= value]).toEqual([whole > value, whole >= value]);
      if (whole > value) expect(fewer).toBe(whole);
    }),
    { numRuns: 2_000 },
  );
});
