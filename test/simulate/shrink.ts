import { play } from "./play.ts";
import { type Happening, scenarioOf } from "./random-script.ts";

/** What is left of a failing script, and what it breaks. */
export interface Shrunk {
  happenings: Happening[];
  broken: string[];
  findings: string[];
}

/** Plays a script; empty where it breaks nothing. */
export async function breaks(
  happenings: readonly Happening[],
  seed: number,
  hours: number,
): Promise<Shrunk | undefined> {
  const { broken, ledger } = await play(scenarioOf("random", "", happenings, hours), "zako-watch", seed, hours / 24);
  return broken.length === 0 ? undefined : { happenings: [...happenings], broken, findings: ledger.findings };
}

/** Takes out of a failing script what it does not need to fail: halves first, then single events. */
export async function shrink(failing: Shrunk, seed: number, hours: number, mostPlays = 60): Promise<Shrunk> {
  let best = failing;
  let plays = 0;
  for (let size = Math.ceil(best.happenings.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.happenings.length && plays < mostPlays; ) {
      const without = best.happenings.toSpliced(from, size);
      plays++;
      // It plays no longer than what is left of it.
      const lastMs = Math.max(0, ...without.map((one) => one.atMs + ("forMs" in one ? one.forMs : 0)));
      const found =
        without.length === 0 ? undefined : await breaks(without, seed, Math.min(hours, lastMs / 3_600_000 + 1));
      if (found === undefined) from += size;
      else best = found;
    }
  }
  return best;
}
