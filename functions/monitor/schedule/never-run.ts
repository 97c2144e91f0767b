import type { Target } from "../../model/probing/target.ts";
import type { SeriesTable } from "../../store/series/series-table.ts";
import { readVerdict, VERDICT_FAMILY } from "../tick/verdict-columns.ts";
import type { NeverRun } from "./early-runs.ts";

/** The probes that no verdict is known of, by what is stored: an object that was evicted goes on with them. */
export function neverRun(table: SeriesTable, targets: readonly Target[], now: number): NeverRun[] {
  return targets.flatMap(({ name: target, probes }) =>
    probes
      .filter(({ kind: probe }) => {
        const { block, offset } = table.at(target, VERDICT_FAMILY.name, { probe }, now);
        const { lastSlot, skipped } = readVerdict(block.values, offset);
        return lastSlot === 0 && !skipped;
      })
      .map(({ kind: probe }) => ({ target, probe })),
  );
}
