import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { compileConfig } from "../../../functions/config/compile.ts";
import { toJsonSchema } from "../../../functions/config/json-schema.ts";
import { bindRule } from "../../../functions/evaluate/rules/bind-rule.ts";
import { RULE_KINDS } from "../../../functions/evaluate/rules/kinds/registry.ts";
import { variantsOf } from "../../../functions/evaluate/rules/make-alert.ts";
import type { RuleKind } from "../../../functions/evaluate/rules/rule-kind.ts";
import { printRules } from "../../../functions/expose/prometheus/prometheus-rules.ts";
import { BASELINE_LABELS } from "../../../functions/model/alerting/rule.ts";
import { shownFamilies } from "../../../functions/model/families/shown-families.ts";
import type { Family } from "../../../functions/model/metric.ts";
import type { Column } from "../../../functions/model/snapshot.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { readPrinted } from "../../expose/prometheus/promql-form.ts";

const FAMILIES = shownFamilies(PROBE_KINDS);
const BY_NAME = new Map(FAMILIES.map((family) => [family.name, family]));
const TARGETS = [
  { name: "cas.eu-1", cas: "https://cas.eu.example", labels: { team: "build", tier: 'a\\b"c' } },
  { name: "cas-us", cas: "https://cas.us.example" },
];

const WIDTHS = { counter: 1, gauge: 1, stateset: 1 };
const widthOf = (family: Family): number =>
  family.type === "histogram" ? family.buckets.length + 2 : WIDTHS[family.type];

/** A target that has one series of each family, all labels `v`. */
const columns: Column[] = [];
let size = 0;
for (const family of FAMILIES.filter(({ labels }) => labels.includes("target"))) {
  const labels = family.labels.filter((name) => name !== "target").map((name) => `${name}="v"`);
  columns.push({ family: family.name, labels: labels.join(","), offset: size, width: widthOf(family) });
  size += widthOf(family);
}
const layout = { columns, size };

const ofTargets = (type: Family["type"]): Family[] =>
  FAMILIES.filter((family) => family.type === type && family.labels.includes("target"));
const family = (type: Family["type"]) => fc.constantFrom(...ofTargets(type));

/** Matchers that every series of `layout` fulfils, in the ways that users may write them. */
const selector = ({ name, labels }: Family) =>
  fc
    .array(
      fc
        .tuple(
          fc.constantFrom(...labels),
          fc.constantFrom('="v"', "=v", '=~"v|w.*"', '!=""', '!~"x\\\\d+"', ' != "\\"}"'),
        )
        .map(([label, text]) => `${label}${label === "target" ? '!="nobody"' : text}`),
      { maxLength: 3 },
    )
    .map((matchers) => (matchers.length === 0 ? name : `${name}{${matchers.join(",")}}`));

/** `target` and some of the labels that all families have, in any order. */
const by = (families: readonly Family[], allowed: (label: string) => boolean = () => true) => {
  const common = (families[0]?.labels ?? []).filter((l) => families.every(({ labels }) => labels.includes(l)));
  const others = common.filter((label) => label !== "target" && allowed(label));
  return fc.subarray(others).chain((some) => fc.shuffledSubarray(["target", ...some], { minLength: some.length + 1 }));
};

const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const op = fc.constantFrom(">", ">=", "<", "<=");
const window = fc.integer({ min: 1, max: 3 * 1_440 }).map((minutes) => `${minutes}m`);
const count = fc.integer({ min: 1, max: 1_000 });
const above = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
const age = fc.integer({ min: 1, max: 1_000_000 }).map((s) => `${s}s`);
const goal = fc.double({ min: 0.95, max: 0.9999, noNaN: true });

const burnRow = fc
  .tuple(
    fc.integer({ min: 2, max: 4_320 }),
    fc.double({ min: 0.01, max: 0.999, noNaN: true }),
    fc.double({ min: 0.1, max: 19, noNaN: true }),
  )
  .map(([long, share, factor]) => ({ long: `${long}m`, short: `${Math.max(1, Math.floor(long * share))}m`, factor }));

/** Values of keys by their name; any other key has the example of its documentation. */
const VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  aggregate: fc.constantFrom("max", "min", "sum", "avg"),
  op,
  value: number,
  window,
  min_count: count,
  quantile: fc.double({ min: 0, max: 1, noNaN: true }),
  floor: number,
  baseline: fc.integer({ min: 10, max: 10_000 }).map((m) => `${m}m`),
  deviations: above,
  min_samples: fc.integer({ min: 2, max: 500 }),
  objective: goal,
  windows: fc.array(burnRow, { minLength: 1, maxLength: 3 }),
  older_than: age,
  of: fc.constantFrom("target", "probe"),
  state: fc.constantFrom("down", "regional", "degraded", "unknown"),
};

/** Of the example that the documentation of the key shows. */
const SHORT_WINDOW_MINUTES = 5;

/** A kind's own keys with `by`, those that may be left out there or not. */
function sectionOf({ keys, selects, baseline }: RuleKind): fc.Arbitrary<Record<string, unknown>> {
  const { properties = {}, required = [] } = toJsonSchema(z.strictObject(keys));
  const allowed = (label: string): boolean =>
    baseline === undefined || (BASELINE_LABELS as readonly string[]).includes(label);
  return fc.tuple(...Object.values(selects).map(family)).chain((families) => {
    const entries = Object.entries(properties).map(([name, key]): [string, fc.Arbitrary<unknown>] => {
      const selected = families[Object.keys(selects).indexOf(name)];
      const shown = fc.constant(key.default ?? key.examples?.[0]);
      return [name, selected === undefined ? (VALUES[name] ?? shown) : selector(selected)];
    });
    const labels: [string, fc.Arbitrary<unknown>][] = families.length === 0 ? [] : [["by", by(families, allowed)]];
    const section = fc.record(Object.fromEntries([...entries, ...labels]), { requiredKeys: [...required] });
    return section.map(withShorterWindow);
  });
}

/** A section whose short window, if it has one, is shorter than its window. */
function withShorterWindow(section: Record<string, unknown>): Record<string, unknown> {
  const { short_window: _, ...rest } = section;
  return Number.parseInt(String(section["window"]), 10) <= SHORT_WINDOW_MINUTES ? rest : section;
}

/** What a kind's number can be in an override; nothing where it has none. */
const numberOf = ({ number: own }: RuleKind): fc.Arbitrary<unknown> =>
  own === undefined ? fc.constant(undefined) : (VALUES[own.key] ?? number);

const severity = fc.constantFrom("critical", "warning", "info");
const plain = fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" }).filter((text) => !text.includes("{{"));
const override = (value: fc.Arbitrary<unknown>) =>
  fc
    .record({
      match: fc.constantFrom<unknown>('target="cas-us"', ['team=~"b.*"', 'target!="x"'], 'tier=""', '{team!="build"}'),
      value,
      severity: fc.option(severity, { nil: undefined }),
    })
    .map(({ match, value: number, severity: level }) =>
      number === undefined && level === undefined
        ? { match, off: true }
        : {
            match,
            ...(number === undefined ? {} : { value: number }),
            ...(level === undefined ? {} : { severity: level }),
          },
    );

const own = fc.constantFrom(...RULE_KINDS).chain((kind) =>
  fc
    .tuple(
      sectionOf(kind),
      fc.record(
        {
          severity,
          summary: plain,
          description: fc.tuple(plain, plain).map(([a, b]) => `${a} {{ $labels.target }} {{ $value | humanize }} ${b}`),
          runbook: fc.constantFrom("disk-low", "https://wiki.example/a?b={{c}}#d"),
          for: age.filter((text) => Number.parseInt(text, 10) <= 604_800),
          keep_firing_for: fc.constantFrom("0s", "500ms", "1h30m"),
          pager: fc.constantFrom("edge", "prometheus"),
          labels: fc.constantFrom({ area: "cas" }, { team: 'quoted "' }),
          overrides: fc.array(override(numberOf(kind)), { maxLength: 3 }),
        },
        { requiredKeys: ["severity", "summary"] },
      ),
    )
    .map(([section, shared]) => ({ kind: kind.kind, ...section, ...shared })),
);

describe("any valid rule of one's own", () => {
  it("compiles, prints as PromQL, and binds to the series that it selects", () => {
    fc.assert(
      fc.property(own, (entry) => {
        const result = compileConfig({ targets: TARGETS, rules: { Own: entry } }, PROBE_KINDS, { local: false });
        if (!result.ok) throw new Error(JSON.stringify(result.issues));
        const rule = result.config.rules?.at(-1);
        if (rule?.name !== "Own") throw new Error("the rule is not there");

        const { targets } = result.config;
        const text = printRules({ rules: [rule], families: BY_NAME, targets, externalUrl: "https://watch.example" });
        expect(readPrinted(text).filter(({ alert }) => alert === "Own").length).toBeGreaterThan(0);

        const bound = bindRule(rule, layout, BY_NAME, () => 0);
        expect(bound.groups).toHaveLength(1);
        const metrics = { values: new Float64Array(size).fill(3), windows: new Float64Array(64).fill(2), now: 1e12 };
        for (const variant of variantsOf(rule))
          for (const group of bound.groups)
            if (variant !== undefined)
              expect(["holds", "fails", "unknown"]).toContain(group.judge(metrics, variant.condition).seen);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("an odd rules section", () => {
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(
      fc.constantFrom("ZakoDiskLow", "ZakoTargetDown", "ZakoErrorBudgetBurnFast", "Own", ""),
      fc.jsonValue(),
    ),
    // A good one with one key replaced.
    fc.tuple(own, fc.jsonValue(), fc.nat()).map(([entry, value, at]) => {
      const keys = Object.keys(entry);
      return { Own: { ...entry, [keys[at % keys.length] as string]: value } };
    }),
    fc.record({ ZakoDiskLow: fc.record({ overrides: fc.array(fc.record({ match: fc.string(), value: number })) }) }),
  );

  it("never throws, and each issue is about it, with a message", () => {
    fc.assert(
      fc.property(odd, (rules) => {
        const result = compileConfig({ targets: TARGETS, rules }, PROBE_KINDS, { local: false });
        for (const { path, message } of result.ok ? result.warnings : result.issues) {
          expect(path[0]).toBe("rules");
          expect(message.length).toBeGreaterThan(10);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
