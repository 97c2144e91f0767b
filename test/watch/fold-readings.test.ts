import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Family, Labels } from "../../functions/model/metric.ts";
import type { Reading } from "../../functions/model/reading.ts";
import { Head } from "../../functions/store/head.ts";
import { endSilent, foldReadings, type Telling } from "../../functions/watch/fold-readings.ts";

const REFUSED = "zako_watch_readings_refused_total";
const FAMILIES: Family[] = [
  { name: "jobs_total", type: "counter", help: "Jobs.", labels: ["target", "source", "kind"] },
  { name: "depth", type: "gauge", help: "Depth.", labels: ["target", "source"] },
  { name: "took_seconds", type: "histogram", help: "Took.", labels: ["target", "source"], buckets: [0.1, 1] },
  { name: "own_total", type: "counter", help: "Own.", labels: ["target", "probe"] },
  { name: REFUSED, type: "counter", help: "Refused.", labels: ["target", "source", "reason"] },
];
const T0 = 1_790_000_000_000;
const source = { source: "scrape" };

const inObject = <R>(run: (storage: DurableObjectStorage) => R): Promise<R> =>
  runInDurableObject(env.MONITOR.getByName("fold"), (_instance, state) => {
    for (const table of ["series", "memory", "head", "telling"])
      state.storage.sql.exec(`DROP TABLE IF EXISTS ${table}`);
    return run(state.storage);
  });

function begin(storage: DurableObjectStorage, at = T0): Head {
  const head = new Head(storage, FAMILIES);
  head.table.reconcile([{ target: "a", initial: [], keep: () => true }], at);
  return head;
}

const told = (now: number, readings: readonly Reading[], more: Partial<Telling> = {}): Telling => ({
  target: "a",
  teller: "scrape",
  source: "scrape",
  readings,
  now,
  ordered: true,
  complete: true,
  gaugesUntil: now + 150_000,
  forgetAt: now + 86_400_000,
  ...more,
});

const jobs = (value: number, since?: number, kind = "x"): Reading => ({
  family: "jobs_total",
  labels: { ...source, kind },
  value,
  temporality: "total",
  ...(since === undefined ? {} : { since }),
});
const depth = (value: number): Reading => ({ family: "depth", labels: source, value, temporality: "now" });
const took = (counts: readonly number[], sum: number): Reading => ({
  family: "took_seconds",
  labels: source,
  value: { bounds: [0.1, 1], counts, sum },
  temporality: "total",
});

const read = (head: Head, family: string, labels: Labels): number | undefined => head.table.read("a", family, labels);
const count = (head: Head, kind = "x"): number | undefined => read(head, "jobs_total", { ...source, kind });
const refusals = (head: Head, reason: string): number => read(head, REFUSED, { ...source, reason }) ?? 0;

test("the first total of an old process is where counting begins", () =>
  inObject((storage) => {
    const head = begin(storage);
    foldReadings(head, told(T0 + 60_000, [jobs(1_000)]));
    expect(count(head)).toBe(0);
    foldReadings(head, told(T0 + 120_000, [jobs(1_007)]));
    expect(count(head)).toBe(7);
  }));

test("a process that began after the target's series counts whole", () =>
  inObject((storage) => {
    const head = begin(storage);
    foldReadings(head, told(T0 + 60_000, [jobs(12, T0 + 30_000)]));
    expect(count(head)).toBe(12);
    const late = begin(storage);
    foldReadings(late, told(T0 + 60_000, [jobs(12, T0 - 30_000)]));
    expect(count(late)).toBe(0);
    const old = begin(storage);
    foldReadings(old, told(T0 + 7_200_000, [jobs(12, T0 + 30_000)]));
    expect(count(old)).toBe(0);
  }));

test("a series that a known teller had not told before counts whole, unless the config has changed meanwhile", () =>
  inObject((storage) => {
    const head = begin(storage);
    foldReadings(head, told(T0 + 60_000, [jobs(5)]));
    foldReadings(head, told(T0 + 120_000, [jobs(5), jobs(3, undefined, "y")]));
    expect(count(head, "y")).toBe(3);
    head.meta = { ...head.meta, configHash: "another" };
    foldReadings(head, told(T0 + 180_000, [jobs(6), jobs(9, undefined, "z")]));
    expect([count(head), count(head, "z")]).toEqual([1, 0]);
  }));

test("a series that may have been left out of the last telling does not count whole", () =>
  inObject((storage) => {
    const head = begin(storage);
    foldReadings(head, told(T0 + 60_000, [jobs(5)], { complete: false }));
    foldReadings(head, told(T0 + 120_000, [jobs(5), jobs(3, undefined, "y"), jobs(Number.NaN, undefined, "z")]));
    foldReadings(head, told(T0 + 180_000, [jobs(5), jobs(4, undefined, "y"), jobs(900, undefined, "z")]));
    expect([count(head, "y"), count(head, "z")]).toEqual([1, 0]);
    foldReadings(head, told(T0 + 240_000, [jobs(5), jobs(2, undefined, "w")]));
    expect(count(head, "w")).toBe(2);
  }));

test("a lower total and a later start both mean that the process began again", () =>
  inObject((storage) => {
    const head = begin(storage);
    foldReadings(head, told(T0 + 60_000, [jobs(100)]));
    foldReadings(head, told(T0 + 120_000, [jobs(4)]));
    expect(count(head)).toBe(4);
    foldReadings(head, told(T0 + 180_000, [jobs(5, T0)]));
    foldReadings(head, told(T0 + 240_000, [jobs(50, T0 + 200_000)]));
    expect(count(head)).toBe(4 + 1 + 50);
  }));

test("a lower total of a start that is told again is no new beginning: a part of a sum may have gone", () =>
  inObject((storage) => {
    const head = begin(storage);
    foldReadings(head, told(T0 + 60_000, [jobs(1_000, T0 - 9_000_000)]));
    foldReadings(head, told(T0 + 120_000, [jobs(400, T0 - 9_000_000)]));
    foldReadings(head, told(T0 + 180_000, [jobs(405, T0 - 9_000_000)]));
    expect(count(head)).toBe(5);
    expect(refusals(head, "order")).toBe(1);
  }));

test("a start that wanders by a second is the same start, and one that jumps into the past counts nothing", () =>
  inObject((storage) => {
    const head = begin(storage);
    foldReadings(head, told(T0 + 600_000, [jobs(100, T0 - 1_000)]));
    foldReadings(head, told(T0 + 660_000, [jobs(110, T0)]));
    expect(count(head)).toBe(10);
    // Two replicas behind one address: neither began since the last scrape.
    foldReadings(head, told(T0 + 720_000, [jobs(7_000, T0 - 500_000)]));
    foldReadings(head, told(T0 + 780_000, [jobs(120, T0)]));
    expect(count(head)).toBe(10);
    expect(refusals(head, "order")).toBe(2);
  }));

test("counts of a histogram are added per bucket, and a restart adds the new ones whole", () =>
  inObject((storage) => {
    const head = begin(storage);
    const numbers = (): number[] => {
      const { block, offset } = head.table.at("a", "took_seconds", source, T0);
      return [...block.values.subarray(offset, offset + 4)];
    };
    foldReadings(head, told(T0 + 60_000, [took([5, 5, 5], 10)]));
    foldReadings(head, told(T0 + 120_000, [took([6, 8, 5], 12)]));
    expect(numbers()).toEqual([1, 3, 0, 2]);
    foldReadings(head, told(T0 + 180_000, [took([9, 0, 0], 0.5)]));
    expect(numbers()).toEqual([10, 3, 0, 2.5]);
  }));

test("what is no reading of ours is refused with its reason and changes nothing", () =>
  inObject((storage) => {
    const head = begin(storage);
    const odd: [string, Reading][] = [
      ["family", { ...jobs(1), family: "unknown_total" }],
      ["family", { ...jobs(1), family: "own_total", labels: { probe: "health" } }],
      ["family", { ...jobs(1), family: "~teller" }],
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
    foldReadings(
      head,
      told(
        T0 + 60_000,
        odd.map(([, reading]) => reading),
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
      foldReadings(
        head,
        told(
          T0 + i * 60_000,
          Array.from({ length: 100 }, (_, j) => jobs(1, undefined, `${i}.${j}${"x".repeat(100)}`)),
        ),
      );
    const columns = head.table.blocks.get("a")?.layout.columns ?? [];
    expect(columns.length).toBeLessThanOrEqual(1_002);
    expect(refusals(head, "series")).toBe(3_000 - columns.length + 1);
    expect(() => head.commit()).not.toThrow();
  }));

test("a gauge ends when it has not been told for too long; a counter stays", () =>
  inObject((storage) => {
    let head = begin(storage);
    foldReadings(head, told(T0 + 60_000, [depth(4), jobs(9, T0 + 1_000)]));
    endSilent(head, T0 + 200_000);
    expect(read(head, "depth", source)).toBe(4);
    head.commit();
    head = new Head(storage, FAMILIES);
    endSilent(head, T0 + 210_000);
    expect([read(head, "depth", source), count(head)]).toEqual([Number.NaN, 9]);
    foldReadings(head, told(T0 + 240_000, [depth(5)]));
    expect(read(head, "depth", source)).toBe(5);
  }));

test("many tellers push the one silent for longest out, and it is not counted twice when it comes back", () =>
  inObject((storage) => {
    const head = begin(storage);
    const push = (teller: string, now: number, reading: Reading): void =>
      foldReadings(head, told(now, [reading], { teller, ordered: false, complete: false }));
    push("first", T0 + 10_000, jobs(5, T0 + 5_000));
    for (let i = 0; i < 64; i++) push(`t${i}`, T0 + 20_000 + i, jobs(1, T0 + 15_000));
    expect(head.tellings.teller("a", "first")).toBeUndefined();
    expect(count(head)).toBe(5 + 64);
    push("first", T0 + 30_000, jobs(6, T0 + 5_000));
    expect(count(head)).toBe(5 + 64);
    push("first", T0 + 40_000, jobs(8, T0 + 5_000));
    expect(count(head)).toBe(5 + 64 + 2);
  }));

type Step = { do: "add"; n: number } | { do: "restart" | "scrape" | "miss" | "reload" };
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("add" as const), n: fc.nat(50) }) },
    { weight: 4, arbitrary: fc.constant<Step>({ do: "scrape" }) },
    fc.constantFrom<Step>({ do: "restart" }, { do: "miss" }, { do: "reload" }),
  ),
  { maxLength: 60 },
);

test("whatever restarts, is missed or reloaded: never down, and the sum of increases is what could be seen", () =>
  fc.assert(
    fc.asyncProperty(steps, fc.boolean(), (script, tellsStart) =>
      inObject((storage) => {
        let head = begin(storage);
        head.commit();
        let now = T0;
        let life = { since: T0 - 9_000_000, total: 1_000, seen: 0 };
        let visible = 0;
        let last = 0;
        let isFirst = true;
        for (const step of script) {
          now += 10_000;
          if (step.do === "add") life.total += step.n;
          else if (step.do === "restart") life = { since: now, total: 0, seen: 0 };
          else if (step.do === "reload") head = new Head(storage, FAMILIES);
          else if (step.do === "scrape") {
            const isNew = isFirst && (!tellsStart || life.since < T0);
            visible += isNew ? 0 : life.total - life.seen;
            life.seen = life.total;
            isFirst = false;
            foldReadings(head, told(now, [jobs(life.total, tellsStart ? life.since : undefined)]));
            head.commit();
            expect(count(head)).toBeGreaterThanOrEqual(last);
            last = count(head) ?? 0;
            if (tellsStart) expect(last).toBe(visible);
            else expect(last).toBeLessThanOrEqual(visible);
          }
        }
      }),
    ),
    { numRuns: 60 },
  ));

test("pushed totals in any order, twice or not at all: never down, never more than there was, and all of it once the last one came", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.nat(20), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
      fc.infiniteStream(fc.nat()),
      (lives, picks) =>
        inObject((storage) => {
          const head = begin(storage);
          const all = lives.flatMap((adds, i) => {
            const since = T0 + 60_000 * (i + 1);
            const totals = adds.map((_, j) => adds.slice(0, j + 1).reduce((a, b) => a + b, 0));
            return totals.map((value) => ({ life: i, since, value }));
          });
          const sent = [...all, ...all]
            .map((message) => ({ message, key: picks.next().value as number }))
            .sort((a, b) => a.key - b.key);
          const truth = lives.reduce((sum, adds) => sum + adds.reduce((a, b) => a + b, 0), 0);
          let last = 0;
          let newest = 0;
          let expected = 0;
          const best = new Map<number, number>();
          sent.forEach(({ message: { life, since, value } }, i) => {
            foldReadings(head, told(T0 + 400_000 + i, [jobs(value, since)], { ordered: false, complete: false }));
            const now = count(head) ?? 0;
            expect(now).toBeGreaterThanOrEqual(last);
            expect(now).toBeLessThanOrEqual(truth);
            last = now;
            if (life < newest) return;
            newest = life;
            const added = Math.max(0, value - (best.get(life) ?? 0));
            best.set(life, (best.get(life) ?? 0) + added);
            expected += added;
          });
          expect(last).toBe(expected);
        }),
    ),
    { numRuns: 60 },
  ));
