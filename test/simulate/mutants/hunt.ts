import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { MUTANTS, type Mutant } from "./mutants.ts";

const SIMULATE = join(import.meta.dirname, "..");

/** What a hunt came to: whether a scenario turned red, and what it said. */
export interface Hunted {
  mutant: Mutant;
  isFound: boolean;
  output: string;
}

/** Plays a mutant's scenarios with its law broken, in a process of its own. */
export function hunt(name: string): Hunted {
  const mutant = MUTANTS.find((one) => one.name === name);
  if (mutant === undefined)
    throw new Error(`There is no mutant ${name}; there are ${MUTANTS.map((one) => one.name).join(", ")}.`);
  const script = [join(SIMULATE, "main.ts"), "--prober", "zako-watch", ...mutant.scenarios];
  const done = spawnSync(process.execPath, ["--import", join(SIMULATE, "mutants/break-law.ts"), ...script], {
    encoding: "utf8",
    env: { ...process.env, SIMULATE_MUTANT: name },
  });
  const output = `${done.stdout}${done.stderr}`;
  const isFound = done.status === 1 && output.includes("BROKEN") && output.includes(`mutant ${name}: `);
  return { mutant, isFound, output };
}
