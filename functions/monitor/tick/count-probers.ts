import type { Config } from "../../model/config.ts";
import type { Sample } from "../../model/probing/sample.ts";
import { printLabels } from "../../store/series/series-layout.ts";
import type { SeriesTable } from "../../store/series/series-table.ts";
import type { SeenProber } from "../probers/region-probers.ts";
import { SELF } from "./wanted-series.ts";

const INFO = "zako_watch_vantage_info";
const INFO_LABELS = ["vantage", "colo", "country"];

/** Exposes where the RegionProbers run. A place that none runs in any more is not exposed. */
export function countPlaces(
  table: SeriesTable,
  { vantages }: Pick<Config, "vantages">,
  seen: readonly SeenProber[],
  now: number,
): void {
  for (const vantage of vantages) {
    const value = seen.filter((one) => one.vantage === vantage && one.isMisplaced).length;
    const family = "zako_watch_vantage_misplaced_probers";
    table.observe(SELF, { family, labels: { vantage }, value }, now);
  }
  const wanted = new Map(
    seen.map(({ vantage, place: { colo, country } }) => {
      const labels = { vantage, colo, country };
      return [printLabels(INFO_LABELS, labels), labels] as const;
    }),
  );
  const columns = table.blocks.get(SELF)?.layout.columns ?? [];
  const gone = columns.filter(({ family, labels }) => family === INFO && !wanted.has(labels));
  if (gone.length > 0) table.remove(SELF, gone);
  for (const labels of wanted.values()) table.observe(SELF, { family: INFO, labels, value: 1 }, now);
}

/** Counts how long a run waited for a connection. */
export function countQueue(table: SeriesTable, { vantage, queuedMs }: Sample, now: number): void {
  if (queuedMs === undefined) return;
  const family = "zako_watch_prober_queue_seconds";
  table.observe(SELF, { family, labels: { vantage }, value: queuedMs / 1_000 }, now);
}
