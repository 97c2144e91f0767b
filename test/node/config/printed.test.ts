import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { compileText, type Loaded } from "../../../functions/cli/config/compile-text.ts";
import { printConfigDocs, printRuleDocs } from "../../../functions/config/docs.ts";
import { printExample } from "../../../functions/config/example.ts";
import type { JsonSchema } from "../../../functions/config/json-schema.ts";
import { type OutlineKey, outline, ruleOutline } from "../../../functions/config/outline.ts";
import { CATALOGUE } from "../../../functions/config/rules/catalogue.ts";
import { printSchema } from "../../../functions/config/schema.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { SAMPLE_KINDS } from "./sample-kinds.ts";

const MINIMAL = "targets: [{ name: cas-eu, cas: https://cas.eu.example }]";

/** Every key of the outline, once with the path it has in a document. */
const pathsOf = (keys: readonly OutlineKey[], prefix = ""): string[] =>
  keys.flatMap((key) => {
    const path = `${prefix}${key.name}${key.list ? "[]" : ""}`;
    return [path, ...(path === "defaults.probes" ? [] : pathsOf(key.keys ?? [], `${path}.`))];
  });

/** Paths of the keys that are there, lists as if of one entry. */
const pathsIn = (value: unknown, prefix = ""): string[] => {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const list = Array.isArray(inner) && typeof inner[0] === "object";
    const path = `${prefix}${key}${list ? "[]" : ""}`;
    return [path, ...pathsIn(list ? inner[0] : inner, `${path}.`)];
  });
};

describe.each([
  ["sample", SAMPLE_KINDS],
  ["real", PROBE_KINDS],
])("what is printed of the %s kinds", (_, kinds) => {
  const example = printExample(kinds, "../config.schema.json");
  const compiled = (text: string): Loaded => compileText(text, "watch.yaml", kinds, { local: false });

  it("the example compiles to what the defaults are", () => {
    const [full, minimal] = [compiled(example), compiled(MINIMAL)];
    if (!full.ok || !minimal.ok) throw new Error(JSON.stringify([full, minimal]));
    expect(full.config).toEqual(minimal.config);
    expect(full.warnings).toEqual([]);
  });

  it("the example with all its comments undone compiles, and has every key that there is", () => {
    const undone = example.replaceAll(/^( *)#(?=\S)/gm, "$1");
    const loaded = compiled(undone);
    expect(loaded.ok ? [] : loaded.errors).toEqual([]);
    expect(pathsIn(parse(undone))).toEqual(expect.arrayContaining(pathsOf(outline(kinds))));
  });

  it("the table of keys has each of them, and fits into Markdown", () => {
    const docs = `${printConfigDocs(kinds)}\n${printRuleDocs()}`;
    for (const path of pathsOf(outline(kinds)).filter((path) => !path.startsWith("targets[].probes."))) {
      expect(docs).toContain(`| \`${path}\` |`);
    }
    for (const { kind } of kinds) expect(docs).toContain(`| \`${kind}\` |`);
    for (const key of ["enabled", "interval", "timeout", "degraded_after", "critical", "thresholds.out_of"]) {
      expect(docs).toContain(`| \`${key}\` |`);
    }
    const { change, own, kinds: conditions } = ruleOutline();
    for (const path of pathsOf([...change, ...own, ...conditions.flatMap(({ keys }) => keys)]))
      expect(docs).toContain(`| \`${path}\` |`);
    for (const { name } of CATALOGUE) expect(docs).toContain(`| \`${name}\` |`);
    const widths = docs
      .split("\n\n")
      .filter((block) => block.startsWith("|"))
      .map((block) => new Set(block.split("\n").map((row) => row.replaceAll("\\|", "").split("|").length)).size);
    expect(widths.length).toBeGreaterThan(2);
    expect(widths.every((count) => count === 1)).toBe(true);
  });

  it("the schema takes a top-level key for anchors where the compiler takes it, and nowhere else", () => {
    const { patternProperties = {} } = JSON.parse(printSchema(kinds)) as JsonSchema;
    const [pattern = "", ...more] = Object.keys(patternProperties);
    expect(more).toEqual([]);
    expect(patternProperties[pattern]?.description).toMatch(/^[A-Z].*[.]$/);
    for (const key of ["x-common", "x-", "x-X", "x", "X-common", "xcommon", "ax-common", " x-common", "y-x-common"])
      expect([key, new RegExp(pattern, "u").test(key)]).toEqual([key, compiled(`${key}: 1\n${MINIMAL}`).ok]);
    for (const nested of [`defaults: { x-common: 1 }\n${MINIMAL}`, MINIMAL.replace("name:", "x-common: 1, name:")])
      expect(compiled(nested).ok).toBe(false);
  });

  it("the schema refuses what the compiler refuses: unknown keys, at every level", () => {
    const schema = JSON.parse(printSchema(kinds)) as JsonSchema & { definitions: { probes: JsonSchema } };
    const mappings: JsonSchema[] = [];
    const walk = (part: unknown): void => {
      if (typeof part !== "object" || part === null) return;
      if ("properties" in part) mappings.push(part as JsonSchema);
      for (const inner of Object.values(part)) walk(inner);
    };
    walk(schema);
    expect(mappings.length).toBeGreaterThan(kinds.length);
    expect(mappings.every((mapping) => mapping.additionalProperties === false)).toBe(true);
    expect(Object.keys(schema.definitions.probes.properties ?? {})).toEqual(kinds.map(({ kind }) => kind));
    const references = [...JSON.stringify(schema).matchAll(/"\$ref":"#\/definitions\/([^"]*)"/g)].map(
      ([, name]) => name,
    );
    expect(references.filter((name) => name === "probes").length).toBe(2);
    const open = mappings.filter(({ patternProperties }) => patternProperties !== undefined);
    expect(open.map(({ properties }) => Object.keys(properties ?? {}))).toEqual([Object.keys(schema.properties ?? {})]);
    expect(Object.keys(schema.definitions)).toEqual(expect.arrayContaining(references));
  });
});
