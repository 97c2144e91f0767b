import { expect, test } from "vitest";
import type { ReportedMetric } from "../../../functions/model/probing/reported-metric.ts";
import { endSilent, foldReported } from "../../../functions/monitor/tick/fold-reported.ts";
import { Head } from "../../../functions/store/head.ts";
import { MONITOR_META } from "../../../functions/store/monitor-meta.ts";
import {
  begin,
  count,
  depth,
  FAMILIES,
  inObject,
  jobs,
  read,
  refusals,
  reported,
  source,
  T0,
  took,
} from "../alerts-sent.ts";

test("the first total of an old process is where counting begins", () =>
  inObject((storage) => {
    const head = begin(storage);
    foldReported(head, reported(T0 + 60_000, [jobs(1_000)]));
    expect(count(head)).toBe(0);
    foldReported(head, reported(T0 + 120_000, [jobs(1_007)]));
    expect(count(head)).toBe(7);
  }));

test("a process that began after the target's series counts whole", () =>
  inObject((storage) => {
    const head = begin(storage);
    foldReported(head, reported(T0 + 60_000, [jobs(12, T0 + 30_000)]));
    expect(count(head)).toBe(12);
    const late = begin(storage);
    foldReported(late, reported(T0 + 60_000, [jobs(12, T0 - 30_000)]));
    expect(count(late)).toBe(0);
    const old = begin(storage);
    foldReported(old, reported(T0 + 7_200_000, [jobs(12, T0 + 30_000)]));
    expect(count(old)).toBe(0);
  }));

test("a new series of a known source counts entirely, unless the config has changed meanwhile", () =>
  inObject((storage) => {
    const head = begin(storage);
    foldReported(head, reported(T0 + 60_000, [jobs(5)]));
    foldReported(head, reported(T0 + 120_000, [jobs(5), jobs(3, undefined, "y")]));
    expect(count(head, "y")).toBe(3);
    head.meta = { ...head.meta, configHash: "another" };
    foldReported(head, reported(T0 + 180_000, [jobs(6), jobs(9, undefined, "z")]));
    expect([count(head), count(head, "z")]).toEqual([1, 0]);
  }));

test("a series that may have been missing in the last report does not count entirely", () =>
  inObject((storage) => {
    const head = begin(storage);
    foldReported(head, reported(T0 + 60_000, [jobs(5)], { complete: false }));
    foldReported(head, reported(T0 + 120_000, [jobs(5), jobs(3, undefined, "y"), jobs(Number.NaN, undefined, "z")]));
    foldReported(head, reported(T0 + 180_000, [jobs(5), jobs(4, undefined, "y"), jobs(900, undefined, "z")]));
    expect([count(head, "y"), count(head, "z")]).toEqual([1, 0]);
    foldReported(head, reported(T0 + 240_000, [jobs(5), jobs(2, undefined, "w")]));
    expect(count(head, "w")).toBe(2);
  }));

test("a lower total and a later start both mean that the process began again", () =>
  inObject((storage) => {
    const head = begin(storage);
    foldReported(head, reported(T0 + 60_000, [jobs(100)]));
    foldReported(head, reported(T0 + 120_000, [jobs(4)]));
    expect(count(head)).toBe(4);
    foldReported(head, reported(T0 + 180_000, [jobs(5, T0)]));
    foldReported(head, reported(T0 + 240_000, [jobs(50, T0 + 200_000)]));
    expect(count(head)).toBe(4 + 1 + 50);
  }));

test("a lower total with the same start is not a restart: a part of a sum may be missing", () =>
  inObject((storage) => {
    const head = begin(storage);
    foldReported(head, reported(T0 + 60_000, [jobs(1_000, T0 - 9_000_000)]));
    foldReported(head, reported(T0 + 120_000, [jobs(400, T0 - 9_000_000)]));
    foldReported(head, reported(T0 + 180_000, [jobs(405, T0 - 9_000_000)]));
    expect(count(head)).toBe(5);
    expect(refusals(head, "out_of_order")).toBe(1);
  }));

test("a start that wanders by a second is the same start, and one that jumps into the past counts nothing", () =>
  inObject((storage) => {
    const head = begin(storage);
    foldReported(head, reported(T0 + 600_000, [jobs(100, T0 - 1_000)]));
    foldReported(head, reported(T0 + 660_000, [jobs(110, T0)]));
    expect(count(head)).toBe(10);
    // Two replicas behind one address: neither began since the last scrape.
    foldReported(head, reported(T0 + 720_000, [jobs(7_000, T0 - 500_000)]));
    foldReported(head, reported(T0 + 780_000, [jobs(120, T0)]));
    expect(count(head)).toBe(10);
    expect(refusals(head, "out_of_order")).toBe(2);
  }));

test("counts of a histogram are added per bucket, and a restart adds the new ones whole", () =>
  inObject((storage) => {
    const head = begin(storage);
    const numbers = (): number[] => {
      const { block, offset } = head.table.at("a", "took_seconds", source, T0);
      return [...block.values.subarray(offset, offset + 4)];
    };
    foldReported(head, reported(T0 + 60_000, [took([5, 5, 5], 10)]));
    foldReported(head, reported(T0 + 120_000, [took([6, 8, 5], 12)]));
    expect(numbers()).toEqual([1, 3, 0, 2]);
    foldReported(head, reported(T0 + 180_000, [took([9, 0, 0], 0.5)]));
    expect(numbers()).toEqual([10, 3, 0, 2.5]);
  }));

test("an invalid metric is rejected with its reason and changes nothing", () =>
  inObject((storage) => {
    const head = begin(storage);
    const odd: [string, ReportedMetric][] = [
      ["family", { ...jobs(1), family: "unknown_total" }],
      ["family", { ...jobs(1), family: "own_total", labels: { probe: "health" } }],
      ["family", { ...jobs(1), family: "~source" }],
      ["labels", { ...jobs(1), labels: source }],
      ["labels", { ...jobs(1), labels: { ...source, kind: "x", more: "y" } }],
      ["labels", { ...jobs(1), labels: { source: "probe", kind: "x" } }],
      ["labels", { ...jobs(1), labels: { ...source, kind: "\ud800" } }],
      ["type", { ...jobs(1), temporality: "now" }],
      ["type", { ...depth(1), temporality: "total" }],
      ["type", { ...took([1, 1, 1], 1), value: 3 }],
      ["type", { ...jobs(1), value: { bounds: [], counts: [1], sum: 1 } }],
      ["value", jobs(Number.NaN)],
      ["value", jobs(-1)],
      ["value", jobs(Number.POSITIVE_INFINITY)],
      ["value", depth(Number.NaN)],
      ["value", took([1, 1, 1], Number.NaN)],
      ["buckets", took([1, 1], 1)],
      ["buckets", took([1, -1, 1], 1)],
      ["buckets", { ...took([1, 1, 1], 1), value: { bounds: [1, 1], counts: [1, 1, 1], sum: 1 } }],
    ];
    foldReported(
      head,
      reported(
        T0 + 60_000,
        odd.map(([, metric]) => metric),
      ),
    );
    const expected = new Map<string, number>();
    for (const [reason] of odd) expected.set(reason, (expected.get(reason) ?? 0) + 1);
    for (const [reason, times] of expected) expect(refusals(head, reason)).toBe(times);
    expect(count(head)).toBeUndefined();
  }));

test("labels that are new each time stop at a limit, and the state stays within one stored value", () =>
  inObject((storage) => {
    const head = begin(storage);
    for (let i = 0; i < 30; i++)
      foldReported(
        head,
        reported(
          T0 + i * 60_000,
          Array.from({ length: 100 }, (_, j) => jobs(1, undefined, `${i}.${j}${"x".repeat(100)}`)),
        ),
      );
    const columns = head.table.blocks.get("a")?.layout.columns ?? [];
    expect(columns.length).toBeLessThanOrEqual(1_002);
    expect(refusals(head, "series")).toBe(3_000 - columns.length + 1);
    expect(() => head.commit()).not.toThrow();
  }));

test("a gauge expires if it is not reported for too long; a counter stays", () =>
  inObject((storage) => {
    let head = begin(storage);
    foldReported(head, reported(T0 + 60_000, [depth(4), jobs(9, T0 + 1_000)]));
    endSilent(head, T0 + 200_000);
    expect(read(head, "depth", source)).toBe(4);
    head.commit();
    head = new Head(storage, FAMILIES, MONITOR_META);
    endSilent(head, T0 + 210_000);
    expect([read(head, "depth", source), count(head)]).toEqual([Number.NaN, 9]);
    foldReported(head, reported(T0 + 240_000, [depth(5)]));
    expect(read(head, "depth", source)).toBe(5);
  }));

test("many sources displace the one silent for longest, and it is not counted twice when it returns", () =>
  inObject((storage) => {
    const head = begin(storage);
    const push = (metricSource: string, now: number, metric: ReportedMetric): void =>
      foldReported(head, reported(now, [metric], { metricSource, ordered: false, complete: false }));
    push("first", T0 + 10_000, jobs(5, T0 + 5_000));
    for (let i = 0; i < 64; i++) push(`t${i}`, T0 + 20_000 + i, jobs(1, T0 + 15_000));
    expect(head.reportedTotals.metricSource("a", "first")).toBeUndefined();
    expect(count(head)).toBe(5 + 64);
    push("first", T0 + 30_000, jobs(6, T0 + 5_000));
    expect(count(head)).toBe(5 + 64);
    push("first", T0 + 40_000, jobs(8, T0 + 5_000));
    expect(count(head)).toBe(5 + 64 + 2);
  }));
