import { lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProcessAlive } from "../local-run.ts";

/** How the folders of runs begin: they hold secrets. */
export const SCRATCH_PREFIX = "zako-watch-run-";

const OWNER = "owner.pid";

/** Says whose folder it is. */
export const markScratch = (folder: string): void =>
  writeFileSync(join(folder, OWNER), `${process.pid}`, { mode: 0o600 });

/** Removes the folders of runs that were killed before they could. Those of runs that are up, and of other people, stay. */
export function removeAbandoned(within = tmpdir(), isAlive: (pid: number) => boolean = isProcessAlive): string[] {
  const removed: string[] = [];
  for (const name of readdirSync(within)) {
    if (!name.startsWith(SCRATCH_PREFIX)) continue;
    const folder = join(within, name);
    if (!isAbandoned(folder, isAlive)) continue;
    rmSync(folder, { recursive: true, force: true });
    removed.push(folder);
  }
  return removed;
}

function isAbandoned(folder: string, isAlive: (pid: number) => boolean): boolean {
  try {
    const stat = lstatSync(folder);
    if (!stat.isDirectory() || stat.uid !== process.getuid?.()) return false;
    const pid = Number(readFileSync(join(folder, OWNER), "utf8"));
    return Number.isInteger(pid) && pid > 0 && !isAlive(pid);
  } catch {
    // It has just been made, or has just gone.
    return false;
  }
}
