import { addressFamily, windowFamily } from "../../evaluate/rules/track-families.ts";
import type { Track } from "../../evaluate/rules/tracks.ts";
import { getOrInsert } from "../../lib/get-or-insert.ts";
import { columnKey } from "../../store/series/series-layout.ts";
import type { SeriesTable } from "../../store/series/series-table.ts";
import { RING_MINUTES } from "../../store/series/window-ring.ts";
import type { BoundTrack } from "./rule-plan.ts";
import type { WatchedBlock } from "./watched-block.ts";
import type { WindowJournal } from "./window-journal.ts";

/** Missing windows of existing tracks, after a rule's window was changed. By family. */
export function missingWindows(table: SeriesTable, tracks: readonly Track[]): Set<string> {
  const missing = new Set<string>();
  for (const { layout } of table.blocks.values())
    for (const track of tracks)
      for (const column of layout.columns)
        if (column.family === addressFamily(track.key))
          for (const w of track.windows)
            if (layout.find(columnKey(windowFamily(track.key, w), column.labels)) === undefined)
              missing.add(windowFamily(track.key, w));
  return missing;
}

/** Fills empty windows that `isMeant` selects, as of the minute `to`, from all kept minutes. */
export function fillWindows(
  blocks: ReadonlyMap<string, WatchedBlock>,
  journal: WindowJournal,
  isMeant: (bound: BoundTrack, length: number) => boolean,
  to: number,
): void {
  // A gauge without a change in any minute of a window was constant.
  for (const { plan, windows, last } of blocks.values())
    for (const bound of plan.tracks)
      for (const [i, length] of bound.track.windows.entries())
        if (isMeant(bound, length) && bound.track.type === "gauge")
          windows.values[bound.windowsAt[i] as number] = last[bound.start] as number;
  /** Value of each gauge before its first change in the window, by address and window. */
  const before = new Map<number, Map<number, number>>();
  for (let minute = Math.max(1, to - RING_MINUTES + 1); minute <= to; minute++)
    journal.read(minute, ({ block, bound, cell }, value, isGauge, address) => {
      const { values } = block.windows;
      for (const [i, length] of bound.track.windows.entries()) {
        if (!isMeant(bound, length)) continue;
        const at = (bound.windowsAt[i] as number) + cell;
        const isWithin = minute > to - length;
        if (!isGauge) values[at] = (values[at] as number) + (isWithin ? value : 0);
        else {
          const known = getOrInsert(before, address, () => new Map<number, number>());
          if (isWithin) values[at] = known.get(length) ?? Number.NaN;
          else known.set(length, value);
        }
      }
    });
}
