import { describe, expect, it } from "vitest";
import { judgeImports, LAW } from "../../check/import-law.ts";
import { readFiles } from "../../check/source-files.ts";

const FORMS = [
  (from: string) => `import * as x from "${from}";\nconsole.log(x);\n`,
  (from: string) => `import type * as x from "${from}";\nexport type Y = typeof x;\n`,
  (from: string) => `export * from "${from}";\n`,
  (from: string) => `export type Y = import("${from}").Y;\n`,
  (from: string) => `console.log(await import("${from}"));\n`,
  (from: string) => `console.log(await import(\`${from}\`));\n`,
  (from: string) => `import "${from}";\n`,
];

const layers = Object.keys(LAW);
const isFile = (layer: string): boolean => layer.endsWith(".ts");
const fileIn = (layer: string): string => `functions/${isFile(layer) ? layer : `${layer}/part/file.ts`}`;

/** A file of each layer, so that the law finds all of its rows. */
const WHOLE = new Map(layers.map((layer) => [fileIn(layer), ""]));

function faultsOf(layer: string, imported: string, form: (from: string) => string): readonly string[] {
  const up = isFile(layer) ? "./" : "../../";
  return judgeImports(new Map([...WHOLE, [fileIn(layer), form(`${up}${imported}`)]])).faults;
}

describe.each(layers)("%s", (layer) => {
  const may = LAW[layer] ?? [];
  const others = layers.filter((other) => other !== layer);

  it.each(others.filter((other) => !may.includes(other)))("may not import %s, in any form", (other) => {
    const imported = isFile(other) ? other : `${other}/x.ts`;
    for (const form of FORMS) expect(faultsOf(layer, imported, form)).toEqual([expect.stringContaining(fileIn(layer))]);
  });

  it("may import what its row names, and itself", () => {
    for (const other of others.filter((name) => may.includes(name)))
      for (const form of FORMS) expect(faultsOf(layer, `${other}/x.ts`, form)).toEqual([]);
    if (!isFile(layer)) expect(faultsOf(layer, `${layer}/x.ts`, FORMS[0] as (from: string) => string)).toEqual([]);
  });
});

it("tells a folder from the layer of its name", () => {
  const law = { store: [], alerter: [] };
  const files = (from: string) =>
    new Map([
      ["functions/alerter/a.ts", ""],
      ["functions/store/series/x.ts", `import "${from}";`],
    ]);
  expect(judgeImports(files("../alerter/state.ts"), law).faults).toEqual([]);
  expect(judgeImports(files("../../alerter/state.ts"), law).faults).toHaveLength(1);
});

it("keeps the Worker's parts from the tests' and from what lies outside", () => {
  for (const outside of ["../test/world.ts", "../schemas/x.ts"])
    expect(faultsOf("lib", outside, FORMS[0] as (from: string) => string)).toHaveLength(1);
});

it("says which layer has no row, and which row no layer", () => {
  expect(judgeImports(new Map([...WHOLE, ["functions/elsewhere/x.ts", ""]])).faults).toEqual([
    "functions/elsewhere/x.ts: elsewhere is in no row of the import law (test/check/import-law.ts)",
  ]);
  expect(judgeImports(new Map([...WHOLE].slice(1))).faults).toEqual([expect.stringContaining("has a row for")]);
});

it("is kept", () => expect(judgeImports(readFiles(["functions"], /\.tsx?$/)).faults).toEqual([]));
