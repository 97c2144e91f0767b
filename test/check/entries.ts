import { posix } from "node:path";
import type { Verdict } from "./verdict.ts";

/** More than a person sees at a glance. */
const MOST_ENTRIES = 25;

/** What knows nothing of our domain is looked up by name, and may be long. */
const UNBOUNDED = new Set(["functions/lib"]);

/** Counts the files and subfolders of each folder; one with more than 25 is at fault. */
export function judgeEntries(paths: readonly string[]): Verdict {
  const entries = new Map<string, Set<string>>();
  for (const path of paths)
    for (let at = path; at.includes("/"); at = posix.dirname(at)) {
      const folder = posix.dirname(at);
      entries.set(folder, (entries.get(folder) ?? new Set()).add(at));
    }
  const counts = [...entries].map(([folder, { size }]) => ({ folder, size })).sort((a, b) => b.size - a.size);
  const tooMany = counts.filter(({ folder, size }) => size > MOST_ENTRIES && !UNBOUNDED.has(folder));
  return {
    faults: tooMany.map(({ folder, size }) => `${folder}/ has ${size} entries, more than ${MOST_ENTRIES}: split it`),
    notes: [`entries: ${counts.map(({ folder, size }) => `${folder}/ ${size}`).join(", ")}`],
  };
}
