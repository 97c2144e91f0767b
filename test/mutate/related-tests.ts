import { dirname, join, normalize } from "node:path";
import type { Files } from "../check/source-files.ts";

/** Everything that a mutant must survive beside the tests that are closest to it, as far as it uses the file. */
const WIDE = ["test/monitor/", "test/alerter/", "test/notify/", "test/evaluate/", "test/store/", "test/node/notify/"];
/** Test files beside the mirrored ones that count as close. */
const MOST_CLOSE = 6;
/** Where vitest finds tests; the others are scripts of their own. */
const NO_TESTS = /^test\/(e2e|extend|bench|check|mutate|simulate)\//;
const SIMULATOR = "test/simulate/main.ts";
const WORKER = "functions/worker.ts";

/** What can notice a mutant of a file. */
export interface RelatedTests {
  /** Test files, the closest first. */
  close: string[];
  /** Whether the simulator runs the file. */
  isSimulated: boolean;
  /** Test files of the other parts, for what survives all of that. */
  wide: string[];
}

export function relatedTests(path: string, files: Files): RelatedTests {
  const tests = [...files.keys()].filter((file) => file.endsWith(".test.ts") && !NO_TESTS.test(file));
  const distances = distancesTo(path, files);
  const using = tests
    .filter((test) => distances.has(test))
    .sort((a, b) => (distances.get(a) as number) - (distances.get(b) as number) || (a < b ? -1 : 1));
  const close = new Set([...mirroredBy(path, tests), ...using.slice(0, MOST_CLOSE)]);
  return {
    close: [...close],
    isSimulated: distances.has(SIMULATOR),
    wide: using.filter((test) => !close.has(test) && WIDE.some((folder) => test.startsWith(folder))),
  };
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
    for (const [, specifier = ""] of text.matchAll(/(?:from|import) "(\.[^"]+|cloudflare:\w+)"/g)) {
      // A test inside workerd may know the product by its bindings only.
      const imported = specifier.startsWith(".") ? normalize(join(dirname(file), specifier)) : WORKER;
      if (imported === WORKER && !file.startsWith("test/")) continue;
      importers.set(imported, [...(importers.get(imported) ?? []), file]);
    }
  const distances = new Map([[path, 0]]);
  // A map that grows is visited to its end.
  for (const [file, distance] of distances)
    for (const importer of importers.get(file) ?? [])
      if (!distances.has(importer)) distances.set(importer, distance + 1);
  return distances;
}
