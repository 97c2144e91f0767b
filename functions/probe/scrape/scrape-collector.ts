import type { MetricLine } from "../../lib/metric-line.ts";
import type { Family } from "../../model/metric.ts";
import type { ImportedFamily, ReportedMetric } from "../../model/probing/reported-metric.ts";
import type { ExpositionSink } from "./exposition-reader.ts";
import { baseOf, type SampleRole, type Wanted, type WantedMetric, wantedSamples } from "./scrape-families.ts";
import { type DropReason, joinCounters, joinGauges, joinHistograms, type ReportedSeries } from "./scrape-series.ts";

/** Separates scraped series from others. */
const SOURCE = { source: "scrape" } as const;
/** Longest label value that is collected, in UTF-8 bytes. */
const LONGEST_LABEL_BYTES = 128;
/** Maximum number of series that are looked at, collected or dropped: a body within its size limit could hold too many. */
const MAX_REPORTED = 20_000;
/** Start of the process in seconds, as Prometheus clients report it: no counter of the process started earlier. */
const PROCESS_START = "process_start_time_seconds";

const FITTING_TYPES: Readonly<Record<Family["type"], readonly string[]>> = {
  counter: ["counter", "unknown", "untyped"],
  gauge: ["gauge", "unknown", "untyped"],
  histogram: ["histogram", "unknown", "untyped"],
  stateset: [],
};

/** Result of a scrape. */
export interface Collected {
  metrics: ReportedMetric[];
  dropped: ReadonlyMap<DropReason, number>;
  /** Newest timestamp of the samples, as written; absent if they have none. */
  newest?: number;
}

/** Collects samples of wanted metrics, and converts them to reported metrics at the end. */
export class ScrapeCollector implements ExpositionSink {
  readonly #wanted: Wanted;
  readonly #clean: (value: string) => string;
  readonly #metrics = new Map<WantedMetric, Map<string, ReportedSeries>>();
  readonly #dropped = new Map<DropReason, number>();
  #reported = 0;
  #processStart: number | undefined;
  #newest: number | undefined;

  /** `clean` makes label values fit to be stored. */
  constructor(imports: readonly ImportedFamily[], clean: (value: string) => string = (value) => value) {
    this.#wanted = wantedSamples(imports);
    this.#clean = clean;
  }

  wants(name: string): boolean {
    return this.#wanted.has(name) || name === PROCESS_START;
  }

  sample({ name, labels, value, timestamp }: MetricLine): void {
    if (name === PROCESS_START && value > 0) this.#processStart ??= value * 1000;
    const found = this.#wanted.get(name);
    if (found === undefined) return;
    if (timestamp !== undefined) this.#newest = Math.max(this.#newest ?? timestamp, timestamp);
    const { metric, role } = found;
    const series = this.#seriesOf(metric, role === "bucket" ? labels.filter(([label]) => label !== "le") : labels);
    if (series === undefined) this.drop("series");
    else if (!put(series, role, value, labels)) this.drop("duplicate");
  }

  /** Counts dropped series and lines. */
  drop(reason: DropReason, times = 1): void {
    if (times > 0) this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + times);
  }

  /** Ends the scrape. `types`: the declared types; `maxSeries`: the maximum number of series. */
  finish(types: ReadonlyMap<string, string>, maxSeries: number): Collected {
    const metrics: ReportedMetric[] = [];
    for (const [metric, reported] of this.#metrics) {
      const { family, from } = metric;
      const type = types.get(from) ?? (family.type === "counter" ? types.get(baseOf(from)) : undefined);
      if (type !== undefined && !FITTING_TYPES[family.type].includes(type)) {
        this.drop("type", reported.size);
        continue;
      }
      for (const series of this.#grouped(reported)) {
        const metric = this.#metricOf(family, series);
        if (metric === undefined) continue;
        if (metrics.length < maxSeries) metrics.push(metric);
        else this.drop("series");
      }
    }
    return { metrics, dropped: this.#dropped, ...(this.#newest === undefined ? {} : { newest: this.#newest }) };
  }

  #seriesOf(metric: WantedMetric, labels: MetricLine["labels"]): ReportedSeries | undefined {
    let reported = this.#metrics.get(metric);
    if (reported === undefined) {
      reported = new Map();
      this.#metrics.set(metric, reported);
    }
    const key = JSON.stringify([...labels].sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = reported.get(key);
    if (known !== undefined || this.#reported >= MAX_REPORTED) return known;
    this.#reported++;
    const given = new Map(labels);
    const series: ReportedSeries = {
      kept: keptLabels(metric.family).map((label) => this.#clean(given.get(label) ?? "")),
    };
    reported.set(key, series);
    return series;
  }

  /** Series by their kept labels; series with a label value that is too long are dropped. */
  #grouped(reported: ReadonlyMap<string, ReportedSeries>): Iterable<ReportedSeries[]> {
    const groups = new Map<string, ReportedSeries[]>();
    for (const series of reported.values()) {
      if (!series.kept.every(isShort)) {
        this.drop("label_value");
        continue;
      }
      const key = JSON.stringify(series.kept);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [series]);
      else group.push(series);
    }
    return groups.values();
  }

  #metricOf(family: Family, all: readonly ReportedSeries[]): ReportedMetric | undefined {
    // A start time without a value is not a series.
    const series = all.filter((one) => one.value !== undefined || one.buckets !== undefined || one.count !== undefined);
    const [first] = series;
    if (first === undefined) return undefined;
    const joined =
      family.type === "histogram"
        ? joinHistograms(series)
        : family.type === "counter"
          ? joinCounters(series)
          : joinGauges(series);
    if (!joined.ok) {
      this.drop(joined.why, series.length);
      return undefined;
    }
    this.drop(family.type === "histogram" ? "buckets" : "value", joined.left);
    const labels = Object.fromEntries(keptLabels(family).map((label, i) => [label, first.kept[i] ?? ""]));
    const metric = { family: family.name, labels: { ...SOURCE, ...labels }, value: joined.value };
    if (family.type === "gauge") return { ...metric, temporality: "now" };
    const started = series.flatMap(({ since }) => (since === undefined ? [] : [since]));
    const since = started.length === 0 ? this.#processStart : Math.min(...started);
    return { ...metric, temporality: "total", ...(since === undefined ? {} : { since }) };
  }
}

const keptLabels = ({ labels }: Family): readonly string[] =>
  labels.filter((label) => label !== "target" && label !== "source");

const encoder = new TextEncoder();
const isShort = (value: string): boolean =>
  value.length * 3 <= LONGEST_LABEL_BYTES || encoder.encode(value).length <= LONGEST_LABEL_BYTES;

/** Stores a number; false if one is there already. */
function put(series: ReportedSeries, role: SampleRole, value: number, labels: MetricLine["labels"]): boolean {
  if (role === "bucket") {
    const le = labels.find(([label]) => label === "le")?.[1] ?? "";
    series.buckets ??= new Map();
    if (series.buckets.has(le)) return false;
    series.buckets.set(le, value);
    return true;
  }
  const place = role === "created" ? "since" : role;
  if (series[place] !== undefined) return false;
  series[place] = role === "created" ? value * 1000 : value;
  return true;
}
