import { dirname, join, normalize } from "node:path";
import type { Files } from "../check/source-files.ts";

/** What only workerd has. */
const PLATFORM = /(?:from|import) "cloudflare:|\.wasm"/;

/** Test files that need nothing of the platform: Node runs them, which takes a fraction of the time. */
export function pureTests(files: Files): string[] {
  const impure = new Map([...files].filter(([, text]) => PLATFORM.test(text)));
  // What imports something impure is impure; until nothing is found any more.
  for (let before = -1; before !== impure.size; ) {
    before = impure.size;
    for (const [file, text] of files)
      if (!impure.has(file) && importsOf(file, text).some((imported) => impure.has(imported))) impure.set(file, text);
  }
  return [...files.keys()].filter(
    (file) =>
      /^test\/(evaluate|notify\/(channels|message|policy)|monitor|store)\/.*\.test\.ts$/.test(file) &&
      !impure.has(file),
  );
}

const importsOf = (file: string, text: string): string[] =>
  [...text.matchAll(/(?:from|import) "(\.[^"]+)"/g)].map(([, path = ""]) => normalize(join(dirname(file), path)));
