import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { compileConfig } from "../../../../functions/config/compile.ts";
import { toJsonSchema } from "../../../../functions/config/json-schema.ts";
import { ownKeys } from "../../../../functions/config/rules/rules-section.ts";
import { whyInactive } from "../../../../functions/evaluate/rules/active-rules.ts";
import { type Condition, findRuleKind, RULE_KINDS } from "../../../../functions/evaluate/rules/kinds/registry.ts";
import { variantsOf } from "../../../../functions/evaluate/rules/make-alert.ts";
import type { RuleKind } from "../../../../functions/evaluate/rules/rule-kind.ts";
import { printRules } from "../../../../functions/expose/prometheus/prometheus-rules.ts";
import type { Rule } from "../../../../functions/model/alerting/rule.ts";
import { shownFamilies } from "../../../../functions/model/families/shown-families.ts";
import { PROBE_KINDS } from "../../../../functions/probe/kinds/registry.ts";
import { readPrinted } from "../../../expose/prometheus/promql-form.ts";
import { judgeExample } from "./judge-example.ts";

const FAMILIES = new Map(shownFamilies(PROBE_KINDS).map((family) => [family.name, family]));
const TARGETS = [{ name: "cas-eu", cas: "https://cas.eu.example" }];

type Section = Readonly<Record<string, unknown>>;

/** The keys as documentation shows them: the examples of those that must be there, and the defaults of the others. */
function documented({ keys, example }: RuleKind): { required: Section; defaults: Section } {
  const { properties = {}, required = [] } = toJsonSchema(z.strictObject(keys));
  const entries = Object.entries(properties);
  const shown = entries.filter(([name]) => required.includes(name)).map(([name, key]) => [name, key.examples?.[0]]);
  const defaults = entries.flatMap(([name, key]) => (key.default === undefined ? [] : [[name, key.default]]));
  return { required: { ...Object.fromEntries(shown), ...example.keys }, defaults: Object.fromEntries(defaults) };
}

const compiled = (kind: RuleKind, more: Section) => {
  const entry = { kind: kind.kind, ...documented(kind).required, severity: "info", summary: "S.", ...more };
  return compileConfig({ targets: TARGETS, rules: { Own: entry } }, PROBE_KINDS, { local: false });
};

function ruleOf(kind: RuleKind, more: Section = {}): Rule {
  const result = compiled(kind, more);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.config.rules?.find(({ name }) => name === "Own") as Rule;
}

it("kinds have names of their own, by which they are found", () => {
  expect(new Set(RULE_KINDS.map(({ kind }) => kind)).size).toBe(RULE_KINDS.length);
  for (const kind of RULE_KINDS) expect(findRuleKind(kind.kind)).toBe(kind);
  expect(findRuleKind("constructor")).toBeUndefined();
});

it("each kind's condition is one of those that the catalogue may have", () => {
  const conditions: readonly Condition[] = RULE_KINDS.map(({ example }) => example.condition as Condition);
  expect(conditions.map(({ kind }) => kind)).toEqual(RULE_KINDS.map(({ kind }) => kind));
});

describe.each(RULE_KINDS.map((kind) => [kind.kind, kind] as const))("a rule of kind %s", (_name, kind) => {
  const { condition, outcomes } = kind.example;
  const { required, defaults } = documented(kind);

  it("is documented: one sentence, and each key with a default or an example", () => {
    expect(kind.doc).toMatch(/^[A-Z].*[.]$/);
    for (const [name, key] of Object.entries(toJsonSchema(z.strictObject(kind.keys)).properties ?? {})) {
      expect(key.description, name).toMatch(/^[A-Z].*[.]$/);
      expect(key.default ?? key.examples?.[0], name).toBeDefined();
    }
    expect(Object.keys(kind.keys).filter((name) => name === "kind" || name in ownKeys(kind.number?.schema))).toEqual(
      [],
    );
  });

  it("reads the example of its documentation, and defaults mean what that says", () => {
    const read = (section: Section) => kind.make(z.strictObject(kind.keys).parse(section));
    expect(read(required)).toEqual(condition);
    expect(read({ ...defaults, ...required })).toEqual(condition);
    expect(ruleOf(kind).condition).toEqual(condition);
  });

  it("reads the series that its keys select, and can be evaluated with them", () => {
    for (const [key, type] of Object.entries(kind.selects))
      expect(kind.reads(condition)).toContainEqual({ selector: { family: required[key] }, type });
    expect(kind.reads(condition).length).toBeGreaterThan(0);
    expect(whyInactive(ruleOf(kind), FAMILIES)).toBeUndefined();
  });

  it.each(outcomes.map((outcome, i) => [i, outcome.seen, outcome] as const))("example %i %s", (_i, seen, outcome) => {
    expect(judgeExample(ruleOf(kind), outcome, FAMILIES).map((judged) => judged.seen)).toEqual([seen]);
  });

  it("has an example that holds and one that does not", () => {
    const seen = new Set(outcomes.map((outcome) => outcome.seen));
    expect([seen.has("holds"), seen.has("fails") || seen.has("unknown")]).toEqual([true, true]);
  });

  it("holds for nothing where there is no data, or no series at all", () => {
    const none = judgeExample(ruleOf(kind), { seen: "unknown" }, FAMILIES);
    expect(none.filter(({ seen }) => seen === "holds")).toEqual([]);
    expect(judgeExample(ruleOf(kind), { seen: "unknown" }, FAMILIES, "no series")).toEqual([]);
  });

  it("is printed as PromQL", () => {
    const rules = [ruleOf(kind)];
    const printed = readPrinted(printRules({ rules, families: FAMILIES, targets: [], externalUrl: undefined }));
    expect(printed.filter(({ alert }) => alert === "Own")).toHaveLength(1);
    const text = printed.map(({ expr }) => expr).join("\n");
    for (const { selector } of kind.reads(condition).slice(0, 1)) expect(text).toContain(selector.family);
  });

  it("takes another number in an override, if it has one", () => {
    const { number } = kind;
    const override = (value: unknown) => ({ overrides: [{ match: 'target="cas-eu"', value }] });
    if (number === undefined) {
      expect(compiled(kind, override(1)).ok).toBe(false);
      return;
    }
    const before = structuredClone(condition);
    const own = number.schema.parse(parse(number.text(condition)));
    expect(number.replace(condition, own)).toEqual(before);
    const other = number.replace(condition, own * 0.999);
    expect(condition).toEqual(before);
    expect(number.schema.parse(parse(number.text(other)))).toBe(own * 0.999);
    const changed = Object.entries(other).filter(([key, value]) => Reflect.get(condition, key) !== value);
    expect(changed).toHaveLength(1);
    expect(Object.keys(kind.keys)).toContain(number.key);
    const rule = ruleOf(kind, override(parse(number.text(other))));
    expect(variantsOf(rule).map((variant) => variant?.condition)).toEqual([condition, other]);
  });
});
