import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** A run of `npm start` in this checkout, as it describes itself to commands on the same machine. */
export interface LocalRun {
  /** Where the prober listens; names the run. */
  port: number;
  /** Process of `npm start`. */
  pid: number;
  adminToken: string;
  /** Folder of its database, KV and Durable Objects. */
  statePath: string;
  /** File of the configuration that it watches by. */
  configPath?: string;
  /** Control API of the reference Zako; absent where the run has none of its own. */
  zakoControlUrl?: string;
}

const FOLDER = resolve(".wrangler/local-runs");

/** File of the run on a port. Only the same user can read it, since it holds the admin token. */
const localRunFile = (port: number): string => join(FOLDER, `${port}.json`);

/** Writes the description of a run. */
export function writeLocalRun(run: LocalRun): void {
  const file = localRunFile(run.port);
  mkdirSync(dirname(file), { recursive: true });
  // An existing file would keep its mode.
  rmSync(file, { force: true });
  writeFileSync(file, `${JSON.stringify(run)}\n`, { mode: 0o600, flag: "wx" });
}

/** Removes the description of a run. */
export const removeLocalRun = (port: number): void => rmSync(localRunFile(port), { force: true });

/**
 * The runs of this checkout that are alive, by port. Files of runs that were killed are removed: they hold tokens. The
 * caller passes how to tell whether a process lives.
 */
export function localRuns(isAlive: (pid: number) => boolean = isProcessAlive): LocalRun[] {
  const runs: LocalRun[] = [];
  for (const name of listFolder()) {
    const file = join(FOLDER, name);
    const run = readLocalRun(file);
    if (run !== undefined && isAlive(run.pid)) runs.push(run);
    else rmSync(file, { force: true });
  }
  return runs.sort((a, b) => a.port - b.port);
}

/**
 * State of the local run that a command means by `--local`: the only run's, else what a run on the usual port has left.
 * Undefined where several runs are up.
 */
export function localState(runs: readonly LocalRun[] = localRuns()): string | undefined {
  if (runs.length > 1) return undefined;
  return runs[0]?.statePath ?? statePathOf(8787);
}

/** Where `npm start -- --config FILE` keeps its state, by the port of its prober. */
export const statePathOf = (port: number): string => join(".wrangler", `start-${port}`);

function listFolder(): string[] {
  try {
    return readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
}

function readLocalRun(file: string): LocalRun | undefined {
  try {
    const run = JSON.parse(readFileSync(file, "utf8")) as Partial<LocalRun>;
    return typeof run.port === "number" && typeof run.pid === "number" && typeof run.adminToken === "string"
      ? (run as LocalRun)
      : undefined;
  } catch {
    return undefined;
  }
}

export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
