import { dirname, join, normalize } from "node:path";
import type { Files } from "../check/source-files.ts";

/** Everything that a mutant must survive beside the tests that are closest to it. */
const ALWAYS = ["test/monitor/", "test/alerter/", "test/notify/", "test/evaluate/"];
/** Test files beside the mirrored ones that count as close. */
const MOST_CLOSE = 12;
/** Where vitest finds tests; the others are scripts of their own. */
const NO_TESTS = /^test\/(e2e|extend|bench|check|mutate)\//;

/** Paths of test files in the order in which they are run: those of a step only where all of the steps before pass. */
export function relatedTests(path: string, files: Files): string[][] {
  const tests = [...files.keys()].filter((file) => file.endsWith(".test.ts") && !NO_TESTS.test(file));
  const distances = distancesTo(path, files);
  const closest = tests
    .filter((test) => distances.has(test))
    .sort((a, b) => (distances.get(a) as number) - (distances.get(b) as number) || (a < b ? -1 : 1));
  const always = tests.filter((test) => ALWAYS.some((folder) => test.startsWith(folder)));
  const seen = new Set<string>();
  return [mirroredBy(path, tests), closest.slice(0, MOST_CLOSE), always]
    .map((step) => step.filter((test) => !seen.has(test) && seen.add(test)))
    .filter((step) => step.length > 0);
}

/** The tests of the file's own name, wherever they run; else those of its folder. */
function mirroredBy(path: string, tests: readonly string[]): string[] {
  const place = path.replace(/^functions\//, "").replace(/\.ts$/, "");
  const within = (name: string) => tests.filter((test) => new RegExp(`^test/(node/)?${name}`).test(test));
  const own = within(`${escaped(place)}\\.(.*\\.)?test\\.ts$`);
  return own.length > 0 ? own : within(`${escaped(dirname(place))}/[^/]*$`);
}

const escaped = (text: string): string => text.replace(/[.\\^$*+?()[\]{}|]/g, "\\$&");

/** How many imports lie between the file and each that uses it. */
function distancesTo(path: string, files: Files): Map<string, number> {
  const importers = new Map<string, string[]>();
  for (const [file, text] of files)
    for (const [, specifier = ""] of text.matchAll(/(?:from|import) "(\.[^"]+)"/g)) {
      const imported = normalize(join(dirname(file), specifier));
      importers.set(imported, [...(importers.get(imported) ?? []), file]);
    }
  const distances = new Map([[path, 0]]);
  // A map that grows is visited to its end.
  for (const [file, distance] of distances)
    for (const importer of importers.get(file) ?? [])
      if (!distances.has(importer)) distances.set(importer, distance + 1);
  return distances;
}
