import type { WatchedBlock } from "./watched-block.ts";

/** No honest count grows by more within the longest window; small differences are lost beside larger ones. */
const MOST_IN_WINDOW = 2 ** 52;

/** Empties windows that hold an increase that cannot have happened. Returns what was wrong. */
export function healWindows({ plan, windows }: WatchedBlock): string[] {
  const healed: string[] = [];
  for (const { track, windowsAt } of plan.tracks) {
    if (track.type === "gauge") continue;
    for (const at of windowsAt) {
      const cells = windows.values.subarray(at, at + track.cells);
      if (cells.every((n) => n >= 0 && n <= MOST_IN_WINDOW)) continue;
      cells.fill(0);
      windows.dirty = true;
      healed.push(`windows of ${track.selector.family} of "${windows.target}": not a possible increase`);
    }
  }
  return healed;
}
