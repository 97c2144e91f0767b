import { cpSync, mkdtempSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";

/** What a checkout has and a copy must not share. */
const OWN = new Set([".git", ".wrangler", "node_modules", "dist"]);

/** Copies the project, with all that is not committed yet, beside the same installed packages. */
export function copyProject(scratch: string): string {
  const copy = mkdtempSync(join(scratch, "project-"));
  cpSync(process.cwd(), copy, { recursive: true, filter: (source) => !OWN.has(basename(source)) });
  symlinkSync(join(process.cwd(), "node_modules"), join(copy, "node_modules"));
  return copy;
}
