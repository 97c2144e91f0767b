import fc from "fast-check";
import { DURATION_BUCKETS, type Family } from "../../../functions/model/metric.ts";
import {
  type Block,
  type Column,
  EXEMPLAR_FAMILY,
  type Layout,
  type Snapshot,
} from "../../../functions/model/snapshot.ts";

/** A family of every type, with and without unit, labels and exemplars. The last two are never shown. */
export const FAMILIES = [
  { name: "zako_v1_probe_success", type: "gauge", help: 'A "quoted" \\ help\ntext.', labels: ["target", "probe"] },
  { name: "zako_v1_attempts_total", type: "counter", help: "Attempts.", labels: ["target", "probe", "reason"] },
  {
    name: "zako_v1_probe_duration_seconds",
    type: "histogram",
    help: "Durations.",
    labels: ["target", "probe"],
    buckets: DURATION_BUCKETS,
  },
  { name: "zako_v1_chunk_size_bytes", type: "histogram", help: "Sizes.", labels: ["target"], buckets: [1024, 1048576] },
  { name: "zako_v1_stall_seconds_total", type: "counter", help: "Stalls.", labels: ["target", "source"] },
  {
    name: "zako_v1_target_state",
    type: "stateset",
    help: "State.",
    labels: ["target"],
    states: ["unknown", "up", "down"],
  },
  { name: "zako_v1_throughput_bytes_per_second", type: "gauge", help: "Speed.", labels: ["target", "probe"] },
  { name: "zako_watch_build_info", type: "gauge", help: "Build.", labels: ["version"] },
  { name: "zako_v1_undeclared", type: "gauge", help: "Not given to the renderer.", labels: ["probe"] },
  { name: "~verdict", type: "gauge", help: "Private.", labels: ["probe"] },
] as const satisfies readonly Family[];

export const SHOWN: readonly Family[] = FAMILIES.slice(0, -2);

/** A series with its labels as they are, before anything is printed. */
export interface PlainSeries {
  family: Family;
  labels: Record<string, string>;
  values: number[];
}

export interface PlainBlock {
  target: string;
  series: PlainSeries[];
  exemplars: { probe: string; values: number[] }[];
  createdAt: number;
  /** By index in `series`. */
  createdLater: Map<number, number>;
}

/** Label values meant to break out of their quotes, their line or their encoding. */
export const hostileText = fc.oneof(
  fc.constantFrom(
    "health",
    '"',
    "\\",
    "\n",
    '\\"',
    "\\n",
    'x",target="y',
    "} 1\nup 1",
    "# EOF",
    "\r\n",
    "\u0000",
    "日本",
    "🦊",
    "a,b=c{d}",
    " ",
    "\ud800x",
    "\u2028",
    "x".repeat(5000),
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
);

const labelText = hostileText.filter((s) => s !== "");
const count = fc.oneof(fc.nat({ max: 12 }), fc.nat(), fc.integer({ min: 0, max: 2 ** 48 }));
const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
const number = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer(),
  fc.constantFrom(0, -0, 1, 0.1, 1e21, 5e-324, 2 ** 31, -1),
);
const orNone = (value: fc.Arbitrary<number>): fc.Arbitrary<number> =>
  fc.oneof({ weight: 6, arbitrary: value }, { weight: 1, arbitrary: fc.constant(Number.NaN) });

function valuesOf(family: Family): fc.Arbitrary<number[]> {
  if (family.name.endsWith("_info")) return fc.constant([1]);
  if (family.type === "stateset") return orNone(fc.nat({ max: family.states.length - 1 })).map((v) => [v]);
  if (family.type === "gauge") return orNone(number).map((v) => [v]);
  const total = fc.oneof(count, fc.double({ min: 0, noNaN: true }));
  if (family.type === "counter") return total.map((v) => [v]);
  const n = family.buckets.length + 1;
  const counts = fc.array(count, { minLength: n, maxLength: n });
  const numbers = fc.tuple(counts, total).map(([all, sum]) => [...all, sum]);
  const broken = fc.tuple(numbers, fc.nat({ max: n })).map(([all, at]) => all.with(at, Number.NaN));
  return fc.oneof({ weight: 6, arbitrary: numbers }, { weight: 1, arbitrary: broken });
}

const series: fc.Arbitrary<PlainSeries> = fc.constantFrom<Family>(...FAMILIES).chain((family) =>
  fc
    .record({
      texts: fc.array(labelText, { minLength: family.labels.length, maxLength: family.labels.length }),
      values: valuesOf(family),
    })
    .map(({ texts, values }) => ({
      family,
      labels: Object.fromEntries(
        family.labels.flatMap((name, i) => (name === "target" ? [] : [[name, texts[i] as string]])),
      ),
      values,
    })),
);

const word = fc.oneof(fc.constant(0), fc.nat({ max: 0xffffffff }));
const exemplar = fc.record({
  probe: labelText,
  values: fc
    .tuple(word, word, word, word, fc.double({ min: 0, max: 20, noNaN: true }), time)
    .map((parts) => [...parts] as number[]),
});

const key = (s: PlainSeries): string => JSON.stringify([s.family.name, s.labels]);

export const plainBlock: fc.Arbitrary<PlainBlock> = fc
  .record({
    target: fc.oneof({ weight: 5, arbitrary: labelText }, { weight: 1, arbitrary: fc.constant("") }),
    series: fc.uniqueArray(series, { maxLength: 12, selector: key }),
    exemplars: fc.uniqueArray(exemplar, { maxLength: 2, selector: (e) => e.probe }),
    createdAt: time,
    laterAt: fc.array(fc.option(time), { maxLength: 12 }),
  })
  .map(({ laterAt, ...block }) => {
    // Exemplars of random probes would never meet a histogram, so each takes a histogram's probe where there is one.
    const probes = new Set(
      block.series
        .filter((s) => s.family.name === "zako_v1_probe_duration_seconds")
        .map((s) => s.labels["probe"] ?? ""),
    );
    const matched = [...probes].flatMap((probe, i) => (block.exemplars[i] ? [{ ...block.exemplars[i], probe }] : []));
    const later = laterAt.flatMap((at, i): [number, number][] =>
      at === null || i >= block.series.length ? [] : [[i, at]],
    );
    return { ...block, exemplars: matched, createdLater: new Map(later) };
  });

export const plainFleet = fc.uniqueArray(plainBlock, { maxLength: 5, selector: (b) => b.target.toWellFormed() });

/** Escaping written a second time, so that a mistake in the first cannot hide. */
export const quote = (text: string): string =>
  `"${[...text].map((c) => (c === "\n" ? "\\n" : c === '"' || c === "\\" ? `\\${c}` : c)).join("")}"`;

/** Packs blocks as the Monitor does; `layouts` lets equal layouts be one object. */
export function pack(blocks: readonly PlainBlock[], version: string, layouts = new Map<string, Layout>()): Snapshot {
  return { version, blocks: blocks.map((b) => packBlock(b, layouts)) };
}

function packBlock(plain: PlainBlock, layouts: Map<string, Layout>): Block {
  const columns: Column[] = [];
  const values: number[] = [];
  const add = (family: string, labels: Record<string, string>, numbers: readonly number[]): void => {
    const printed = Object.entries(labels).map(([name, value]) => `${name}=${quote(value)}`);
    columns.push({ family, labels: printed.join(","), offset: values.length, width: numbers.length });
    values.push(...numbers);
  };
  for (const s of plain.series) add(s.family.name, s.labels, s.values);
  for (const e of plain.exemplars) add(EXEMPLAR_FAMILY, { probe: e.probe }, e.values);
  const signature = JSON.stringify(columns);
  const layout = layouts.get(signature) ?? { columns, size: values.length };
  layouts.set(signature, layout);
  const { target, createdAt, createdLater } = plain;
  return { target, layout, values: Float64Array.from(values), createdAt, createdLater };
}
