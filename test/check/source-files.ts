import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Files of the repository by their path from its root. */
export type Files = ReadonlyMap<string, string>;

/** Paths below a folder, with what git ignores left out where it is named whole in `.gitignore`. */
export function pathsBelow(folder: string): string[] {
  const ignored = new Set(readFileSync(".gitignore", "utf8").split("\n"));
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !ignored.has(path))
    .sort();
}

/** Reads the files below some folders whose path matches. */
export function readFiles(folders: readonly string[], pattern: RegExp): Files {
  const paths = folders.flatMap(pathsBelow).filter((path) => pattern.test(path));
  return new Map(paths.map((path) => [path, readFileSync(path, "utf8")]));
}
