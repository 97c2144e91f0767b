import { exposedSeries } from "../../config/exposed-series.ts";
import type { Issue } from "../../config/issue.ts";
import type { Config } from "../../model/config.ts";
import {
  addSize,
  blockBytes,
  MAX_ANSWER_BYTES,
  seriesSize,
  type TextSize,
  targetLabelBytes,
  usualSize,
} from "../../model/exposed-size.ts";
import { shownFamilies } from "../../model/families/shown-families.ts";
import type { Family, Labels } from "../../model/metric.ts";
import { shardOf } from "../../model/probing/placement.ts";
import type { Target } from "../../model/probing/target.ts";
import { wantedSeries } from "../../monitor/tick/wanted-series.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import { printLabels } from "../../store/series/series-layout.ts";

/** Values that labels usually have where a probe learns them from its target: two pools of workers, a dozen settings. */
const LEARNT: Readonly<Record<string, readonly string[]>> = {
  source: ["probe"],
  pool: ["v8", "oxc"],
  value: Array.from({ length: 16 }, (_, i) => `setting_of_the_host_${i}`),
};
const MOST_SHARDS = 256;

/** Says when a scrape of one shard would be refused, and how many shards are enough. */
export function answerSizeWarnings(config: Config, kinds: readonly ProbeKind[]): Issue[] {
  const sizeOf = sizes(config, kinds);
  const { shard, bytes } = largestAnswer(config, sizeOf, config.shards);
  if (bytes <= MAX_ANSWER_BYTES) return [];
  const megabytes = (of: number): string => `${(of / 1e6).toFixed(1)} MB`;
  let enough = Math.ceil((config.shards * bytes) / MAX_ANSWER_BYTES);
  while (enough <= MOST_SHARDS && largestAnswer(config, sizeOf, enough).bytes > MAX_ANSWER_BYTES) enough++;
  const remedy = enough > MOST_SHARDS ? "watch fewer targets in one installation" : `set \`shards: ${enough}\``;
  const detail = config.metrics.detail === "full" ? ", or `metrics.detail: standard`" : "";
  return [
    {
      path: ["shards"],
      message: `/metrics?shard=${shard} would have about ${megabytes(bytes)}, but answers of more than ${megabytes(MAX_ANSWER_BYTES)} are refused: ${remedy}${detail}`,
    },
  ];
}

/** The largest answer of `/metrics?shard=N` that healthy targets lead to, in bytes. What they report by themselves is not known. */
function largestAnswer(
  { targets }: Config,
  sizeOf: (target: Target) => TextSize,
  shards: number,
): { shard: number; bytes: number } {
  const bytes = new Array<number>(shards).fill(0);
  for (const target of targets) {
    const shard = shardOf(target.name, shards);
    bytes[shard] = (bytes[shard] ?? 0) + blockBytes(sizeOf(target), targetLabelBytes(target.name));
  }
  const most = Math.max(...bytes);
  return { shard: bytes.indexOf(most), bytes: most };
}

/** Sizes of targets; those with the same probes have the same series, and a fleet's have. */
function sizes(config: Config, kinds: readonly ProbeKind[]): (target: Target) => TextSize {
  const families = new Map(shownFamilies(kinds, config.imports).map((family) => [family.name, family]));
  const exposed = exposedSeries(config, [...families.values()]);
  const byName = new Map(kinds.map((kind) => [kind.kind, kind]));
  const known = new Map<string, TextSize>();
  return (target) => {
    const key = JSON.stringify(target.probes);
    let size = known.get(key);
    if (size !== undefined) return size;
    size = { bytes: 0, lines: 0 };
    const [, wanted] = wantedSeries({ ...config, targets: [target] }, byName);
    const initial = wanted?.initial ?? [];
    const has = new Set(initial.map(({ family }) => family));
    const learnt = target.probes
      .flatMap(({ kind }) => byName.get(kind)?.families ?? [])
      .filter(({ name }) => !has.has(name))
      .flatMap((family) => learntSeries(family));
    const all = new Map([...initial, ...learnt].map((one) => [JSON.stringify(one), one]));
    for (const { family: name, labels } of all.values()) {
      const family = families.get(name);
      if (family === undefined) continue;
      const printed = printLabels(family.labels, labels);
      if (exposed.shows(name, printed))
        size = addSize(size, seriesSize(family, printed, exposed.bounds[name], config.metrics.created));
    }
    size = usualSize(size);
    known.set(key, size);
    return size;
  };
}

/** Series of a family that begin with what a probe learns; none where its labels can have many values. */
function learntSeries({ name, labels }: Family): { family: string; labels: Labels }[] {
  const own = labels.filter((label) => label !== "target");
  if (own.some((label) => LEARNT[label] === undefined)) return [];
  let all: Record<string, string>[] = [{}];
  for (const label of own)
    all = all.flatMap((one) => (LEARNT[label] ?? []).map((value) => ({ ...one, [label]: value })));
  return all.map((one) => ({ family: name, labels: one }));
}
