import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRenderer } from "../../../functions/expose/metrics/render.ts";
import { boundText } from "../../../functions/model/bound-text.ts";
import { PROBE_FAMILIES } from "../../../functions/model/families/probe-families.ts";
import { SELF_FAMILIES } from "../../../functions/model/families/self-families.ts";
import type { Family } from "../../../functions/model/metric.ts";
import type { Layout, Snapshot } from "../../../functions/model/snapshot.ts";
import { FAMILIES, type PlainBlock, type PlainSeries, pack, plainBlock, plainFleet, SHOWN } from "./arbitrary.ts";
import { type ParsedFamily, parseExposition, seriesKey } from "./parse.ts";
import { wholeText } from "./whole-text.ts";

const DIALECTS = {
  text: { openMetrics: false, created: false },
  openmetrics: { openMetrics: true, created: false },
  created: { openMetrics: true, created: true },
} as const;
type DialectName = keyof typeof DIALECTS;

const decode = (bytes: Uint8Array): string => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
const render = (dialect: DialectName, snapshots: readonly (Snapshot | undefined)[], families = SHOWN): string =>
  decode(wholeText(createRenderer(families, DIALECTS[dialect]), snapshots));
const parse = (dialect: DialectName, text: string): ParsedFamily[] =>
  parseExposition(text, dialect === "text" ? "text" : "openmetrics");

/** All series that must be shown, by key, worked out without a thought of bytes. */
function expected(dialect: DialectName, shards: readonly (readonly PlainBlock[] | undefined)[]): Map<string, number> {
  const series = new Map<string, number>();
  for (const [shard, blocks] of shards.entries()) {
    let unexposed = 0;
    for (const block of blocks ?? []) {
      const own: [string, string][] = shards.length > 1 ? [["shard", `${shard}`]] : [];
      const identity: [string, string][] = block.target === "" ? own : [["target", block.target.toWellFormed()]];
      for (const [i, s] of block.series.entries()) {
        if (s.family.name === "zako_v1_undeclared") unexposed++;
        const labels = [...identity, ...Object.entries(s.labels).map(wellFormed)];
        const createdAt = (block.createdLater.get(i) ?? block.createdAt) / 1000;
        // A zero has no sign in the text.
        for (const [name, extra, value] of samplesOf(s, dialect, createdAt))
          series.set(seriesKey(name, [...labels, ...extra]), value + 0);
      }
    }
    const own: [string, string][] = shards.length > 1 ? [["shard", `${shard}`]] : [];
    if (blocks !== undefined) series.set(seriesKey("zako_watch_unexposed_series", own), unexposed);
  }
  return series;
}

const wellFormed = ([name, value]: [string, string]): [string, string] => [name, value.toWellFormed()];

function samplesOf(s: PlainSeries, dialect: DialectName, createdAt: number): [string, [string, string][], number][] {
  const { family, values } = s;
  const [first = 0] = values;
  if (!SHOWN.includes(family) || values.some(Number.isNaN)) return [];
  const base = family.name.replace(/_total$/, "");
  const created: [string, [string, string][], number][] =
    dialect === "created" ? [[`${base}_created`, [], createdAt]] : [];
  if (family.type === "stateset")
    return family.states.map((state, i) => [family.name, [[family.name, state]], i === first ? 1 : 0]);
  if (family.type === "gauge") return [[family.name, [], first]];
  if (family.type === "counter") return [[family.name, [], first], ...created];
  const bounds = [...family.buckets.map(boundText), "+Inf"];
  const below = bounds.map((_, i) => values.slice(0, i + 1).reduce((a, b) => a + b, 0));
  return [
    ...bounds.map((le, i): [string, [string, string][], number] => [
      `${family.name}_bucket`,
      [["le", le]],
      below[i] ?? 0,
    ]),
    [`${family.name}_count`, [], below.at(-1) ?? 0],
    [`${family.name}_sum`, [], values.at(-1) ?? 0],
    ...created,
  ];
}

const seen = (families: readonly ParsedFamily[]): Map<string, number> =>
  new Map(families.flatMap((f) => f.samples.map((s) => [seriesKey(s.name, s.labels), s.value])));

describe.each(Object.keys(DIALECTS) as DialectName[])("rendering as %s", (dialect) => {
  it("is accepted by a strict parser and says exactly what was put in, whatever the labels", () => {
    fc.assert(
      fc.property(plainFleet, (fleet) => {
        const families = parse(dialect, render(dialect, [pack(fleet, "1")]));
        expect(seen(families)).toEqual(expected(dialect, [fleet]));
      }),
      { numRuns: 300 },
    );
  });

  it("tells the shards' own series apart, and leaves out a shard that is silent", () => {
    fc.assert(
      fc.property(plainBlock, plainBlock, (a, b) => {
        const own = [a, b].map((block) => [{ ...block, target: "" }]);
        const shards = own.map((blocks) => pack(blocks, "1"));
        expect(seen(parse(dialect, render(dialect, shards)))).toEqual(expected(dialect, own));
        const silent = seen(parse(dialect, render(dialect, [undefined, shards[1]])));
        expect(silent).toEqual(expected(dialect, [undefined, own[1]]));
      }),
      { numRuns: 60 },
    );
  });

  it("is the same from a renderer that has rendered other things before", () => {
    const step = fc.record({ fleet: plainFleet, overRpc: fc.boolean(), shared: fc.boolean(), split: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), fc.infiniteStream(fc.nat()), (steps, picks) => {
        const renderer = createRenderer(SHOWN, DIALECTS[dialect]);
        const layouts = new Map<string, Layout>();
        let before: PlainBlock[] = [];
        for (const [i, { fleet, overRpc, shared, split }] of steps.entries()) {
          // Keeps some blocks as they were, some with other numbers: what caches get wrong.
          const pick = picks.next().value ?? 0;
          const kept = before.filter((_, j) => (pick >> j) & 1).map((b, j) => ((pick >> (j + 8)) & 1 ? nudge(b) : b));
          const names = new Set(kept.map((b) => b.target.toWellFormed()));
          const now = [...kept, ...fleet.filter((b) => !names.has(b.target.toWellFormed()))];
          const packed = pack(now, `${i}`, shared ? layouts : new Map());
          const snapshot = overRpc ? structuredClone(packed) : packed;
          const shards = split ? [pack([], "0"), snapshot] : [snapshot];
          expect(decode(wholeText(renderer, shards))).toBe(render(dialect, shards));
          before = now;
        }
      }),
      { numRuns: 150 },
    );
  });

  it("shows the families in the order given, each once, and the core families pass the parser", () => {
    const families: readonly Family[] = [...PROBE_FAMILIES, ...SELF_FAMILIES, ...PROBE_FAMILIES];
    const columns = [...new Set(families)].map((f) => ({
      family: f,
      labels: Object.fromEntries(f.labels.filter((l) => l !== "target").map((l) => [l, "x"])),
      values: f.type === "histogram" ? new Array<number>(f.buckets.length + 2).fill(2) : [1],
    }));
    const block = { target: "t", series: columns.reverse(), exemplars: [], createdAt: 0, createdLater: new Map() };
    const names = parse(dialect, render(dialect, [pack([block], "1")], families)).map((f) => f.name);
    const wanted = [...PROBE_FAMILIES, ...SELF_FAMILIES].map((f) =>
      dialect === "text" ? f.name : f.name.replace(/_total$|_info$/, ""),
    );
    expect(names).toEqual([...wanted, "zako_watch_unexposed_series"]);
  });
});

const nudge = (b: PlainBlock): PlainBlock => ({
  ...b,
  createdAt: b.createdAt + 1,
  series: b.series.map((s) => (s.family.type === "counter" ? { ...s, values: s.values.map((v) => v + 1) } : s)),
});

const DURATIONS = FAMILIES[2];
const histogram = (exemplar: number[]): Snapshot => {
  const series = [
    { family: DURATIONS, labels: { probe: "health" }, values: [0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0.9] },
  ];
  const exemplars = [{ probe: "health", values: exemplar }];
  return pack([{ target: "cas-eu", series, exemplars, createdAt: 1_763_812_800_123, createdLater: new Map() }], "1");
};

describe("exemplars", () => {
  const traced = [0x4bf92f35, 0x77b34da6, 0xa3ce929d, 0x0e0e4736];
  const suffix = (value: string): string => ` # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} ${value} 1763812800.5`;

  it.each([
    ["inside a bucket", 0.041, 'le="0.05"} 1', "0.041"],
    ["on a bound, which is inside", 0.05, 'le="0.05"} 1', "0.05"],
    ["in another bucket", 0.2, 'le="0.25"} 3', "0.2"],
  ])("stand on the bucket that counted the run: %s", (_, duration, bucket, value) => {
    const text = render("openmetrics", [histogram([...traced, duration, 1_763_812_800_500])]);
    expect(text).toContain(`${bucket}${suffix(value)}\n`);
    expect(text.split("trace_id")).toHaveLength(2);
    parse("openmetrics", text);
  });

  it.each([
    ["the run was not traced", [0, 0, 0, 0, 0.041, 1_763_812_800_500]],
    ["no run of that bucket was counted", [...traced, 7, 1_763_812_800_500]],
    ["there is no duration", [...traced, Number.NaN, 1_763_812_800_500]],
    ["there is no time", [...traced, 0.041, Number.NaN]],
  ])("are left out where %s", (_, exemplar) => {
    expect(render("openmetrics", [histogram(exemplar)])).not.toContain("trace_id");
  });

  it("never appear in the text format", () => {
    expect(render("text", [histogram([...traced, 0.041, 1_763_812_800_500])])).not.toContain("trace_id");
  });
});

describe("what cannot be shown", () => {
  const good = { family: "zako_v1_probe_success", labels: 'probe="a"', offset: 0, width: 1 };
  it.each([
    ["a column of an unknown family", { ...good, family: "zako_v9_new" }],
    ["a column named twice", good],
    ["a column of another width than its family's", { ...good, labels: 'probe="b"', width: 2 }],
    ["a histogram with other buckets", { ...good, family: "zako_v1_chunk_size_bytes", labels: "", width: 2 }],
    ["a column that reaches over the end", { ...good, labels: 'probe="b"', offset: 2 }],
    ["a column before the start", { ...good, labels: 'probe="b"', offset: -1 }],
  ])("is left out and counted: %s", (_, column) => {
    const layout = { columns: [good, column], size: 2 };
    const block = { target: "t", layout, values: Float64Array.of(1, 2), createdAt: 0, createdLater: new Map() };
    const text = render("text", [{ version: "1", blocks: [block] }]);
    expect(text).toContain('zako_v1_probe_success{target="t",probe="a"} 1\n');
    expect(text).toContain("\nzako_watch_unexposed_series 1\n");
    expect(seen(parse("text", text)).size).toBe(2);
  });

  it("is a whole block where its numbers are cut off, or another shard has its target", () => {
    const layout = { columns: [good], size: 1 };
    const block = { target: "t", layout, values: Float64Array.of(1), createdAt: 0, createdLater: new Map() };
    const cut = { ...block, target: "cut", values: new Float64Array(0) };
    const shards = [
      { version: "1", blocks: [block, cut] },
      { version: "1", blocks: [block] },
    ];
    const text = render("text", shards);
    expect(text).toContain('\nzako_watch_unexposed_series{shard="0"} 1\n');
    expect(text).toContain('\nzako_watch_unexposed_series{shard="1"} 1\n');
    expect(seen(parse("text", text)).size).toBe(3);
  });

  it("is a target whose name reads the same in UTF-8 as another's", () => {
    const layout = { columns: [good], size: 1 };
    const block = { target: "\ud800", layout, values: Float64Array.of(1), createdAt: 0, createdLater: new Map() };
    const text = render("text", [{ version: "1", blocks: [block, { ...block, target: "\ufffd" }] }]);
    expect(text).toContain("\nzako_watch_unexposed_series 1\n");
    expect(seen(parse("text", text)).size).toBe(2);
  });

  it("is nothing but the count where there are no blocks", () => {
    expect(parse("openmetrics", render("openmetrics", [pack([], "1")])).map((f) => f.name)).toEqual([
      "zako_watch_unexposed_series",
    ]);
  });
});

it("forgets targets that are gone, however many come and go", () => {
  const renderer = createRenderer(SHOWN, DIALECTS.text);
  const labels = { probe: "x".repeat(20_000) };
  const series = [{ family: FAMILIES[0], labels, values: [1] }];
  const block = (target: string): PlainBlock => ({
    target,
    series,
    exemplars: [],
    createdAt: 0,
    createdLater: new Map(),
  });
  for (let i = 0; i < 120; i++) {
    const snapshot = pack([block("stays"), block(`t${i}`)], `${i}`);
    expect(decode(wholeText(renderer, [snapshot]))).toBe(render("text", [snapshot]));
  }
});

it.each([
  [0.005, "0.005"],
  [0.1, "0.1"],
  [1, "1.0"],
  [2.5, "2.5"],
  [10, "10.0"],
  [1024, "1024.0"],
  [65536, "65536.0"],
  [100000, "100000.0"],
  [1000000, "1e+06"],
  [1048576, "1.048576e+06"],
  [1.5e10, "1.5e+10"],
  [1e100, "1e+100"],
  [0.0001, "0.0001"],
  [0.00005, "5e-05"],
  [0, "0.0"],
  [Number.POSITIVE_INFINITY, "+Inf"],
])("spells the bound %d as Go does: %s", (bound, text) => {
  expect(boundText(bound)).toBe(text);
});

it("renders each part as Prometheus documents it", () => {
  const series = [
    { family: FAMILIES[1], labels: { probe: "health", reason: "timeout" }, values: [42] },
    { family: FAMILIES[5], labels: {}, values: [1] },
    { family: FAMILIES[7], labels: { version: "1.2.3" }, values: [1] },
    { family: FAMILIES[4], labels: { source: "probe" }, values: [0.5] },
    { family: FAMILIES[3], labels: {}, values: [1, 2, 3, 9.5] },
  ];
  const later = new Map([[3, 1_763_812_900_000]]);
  const block = { target: "cas-eu", series, exemplars: [], createdAt: 1_763_812_800_500, createdLater: later };
  expect(render("created", [pack([block], "1")])).toBe(`# TYPE zako_v1_attempts counter
# HELP zako_v1_attempts Attempts.
zako_v1_attempts_total{target="cas-eu",probe="health",reason="timeout"} 42
zako_v1_attempts_created{target="cas-eu",probe="health",reason="timeout"} 1763812800.5
# TYPE zako_v1_chunk_size_bytes histogram
# UNIT zako_v1_chunk_size_bytes bytes
# HELP zako_v1_chunk_size_bytes Sizes.
zako_v1_chunk_size_bytes_bucket{target="cas-eu",le="1024.0"} 1
zako_v1_chunk_size_bytes_bucket{target="cas-eu",le="1.048576e+06"} 3
zako_v1_chunk_size_bytes_bucket{target="cas-eu",le="+Inf"} 6
zako_v1_chunk_size_bytes_count{target="cas-eu"} 6
zako_v1_chunk_size_bytes_sum{target="cas-eu"} 9.5
zako_v1_chunk_size_bytes_created{target="cas-eu"} 1763812800.5
# TYPE zako_v1_stall_seconds counter
# UNIT zako_v1_stall_seconds seconds
# HELP zako_v1_stall_seconds Stalls.
zako_v1_stall_seconds_total{target="cas-eu",source="probe"} 0.5
zako_v1_stall_seconds_created{target="cas-eu",source="probe"} 1763812900
# TYPE zako_v1_target_state stateset
# HELP zako_v1_target_state State.
zako_v1_target_state{target="cas-eu",zako_v1_target_state="unknown"} 0
zako_v1_target_state{target="cas-eu",zako_v1_target_state="up"} 1
zako_v1_target_state{target="cas-eu",zako_v1_target_state="down"} 0
# TYPE zako_watch_build info
# HELP zako_watch_build Build.
zako_watch_build_info{target="cas-eu",version="1.2.3"} 1
# TYPE zako_watch_unexposed_series gauge
# HELP zako_watch_unexposed_series Series left out of this answer because they are not declared, or another shard has their target; 0 is right.
zako_watch_unexposed_series 0
# EOF
`);
});
