import { INSIDE_FAMILIES } from "../../model/families/inside-families.ts";
import { ZAKO_FAMILIES as F } from "../../model/families/zako-families.ts";
import type { Family } from "../../model/metric.ts";
import type { ImportedFamily } from "../../model/probing/reported-metric.ts";

/** Our families that a target may expose under their own names. */
export const REPORTED_FAMILIES: readonly Family[] = [
  ...Object.values(INSIDE_FAMILIES),
  F.casRequests,
  F.missingRatio,
  F.requestedBlobs,
  F.missingBlobs,
  F.detailsFailures,
  F.tokensIssued,
  F.recommendedConcurrency,
  F.uploadBytes,
  F.downloadBytes,
  F.uploadDuration,
  F.downloadDuration,
  F.throughput,
  F.chunkSize,
  F.chunkErrors,
  F.stall,
  F.alreadyExists,
  F.integrityFailures,
];

/** Families about scrapes themselves. */
export const SCRAPE_FAMILIES = {
  dropped: {
    name: "zako_watch_scrape_dropped_series_total",
    type: "counter",
    help: "Series or invalid lines dropped from scrapes, by reason; a reason appears with its first drop.",
    labels: ["target", "reason"],
  },
  unwanted: {
    name: "zako_watch_scrape_unwanted_series",
    type: "gauge",
    help: "Series of families that are not collected, in the last scrape.",
    labels: ["target"],
  },
  series: {
    name: "zako_watch_scrape_series",
    type: "gauge",
    help: "Series collected by the last scrape.",
    labels: ["target"],
  },
  bytes: {
    name: "zako_watch_scrape_bytes",
    type: "gauge",
    help: "Size of the last scrape, decompressed.",
    labels: ["target"],
  },
} as const satisfies Record<string, Family>;

/** A wanted metric, as exposed. */
export interface WantedMetric {
  family: Family;
  from: string;
}

/** Part of the metric that a sample is. */
export type SampleRole = "value" | "bucket" | "sum" | "count" | "created";

/** Metrics by the names of their samples. */
export type Wanted = ReadonlyMap<string, { metric: WantedMetric; role: SampleRole }>;

const own = REPORTED_FAMILIES.map((family): WantedMetric => ({ family, from: family.name }));
const known = new WeakMap<readonly ImportedFamily[], Wanted>();

/** Name of a metric without the suffix of counters: OpenMetrics uses it for metadata and start time. */
export const baseOf = (from: string): string => from.replace(/_total$/, "");

/** All wanted metrics, including the configuration's imports. Built once per list. */
export function wantedSamples(imports: readonly ImportedFamily[]): Wanted {
  let wanted = known.get(imports);
  if (wanted === undefined) {
    wanted = new Map([...own, ...imports].flatMap((metric) => samplesOf(metric)));
    known.set(imports, wanted);
  }
  return wanted;
}

function samplesOf(metric: WantedMetric): [string, { metric: WantedMetric; role: SampleRole }][] {
  const { family, from } = metric;
  const created: [string, SampleRole] = [`${baseOf(from)}_created`, "created"];
  const names: [string, SampleRole][] =
    family.type === "histogram"
      ? [[`${from}_bucket`, "bucket"], [`${from}_sum`, "sum"], [`${from}_count`, "count"], created]
      : family.type === "counter"
        ? [[from, "value"], created]
        : [[from, "value"]];
  return names.map(([name, role]) => [name, { metric, role }]);
}
