import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { Family } from "../../../functions/model/metric.ts";
import { LayoutPool } from "../../../functions/store/series/series-layout.ts";
import { SeriesTable } from "../../../functions/store/series/series-table.ts";

const START = Date.UTC(2030, 0, 1);
const FAMILIES: readonly Family[] = [
  { name: "jobs_total", type: "counter", help: "Jobs.", labels: ["target", "kind"] },
  { name: "depth", type: "gauge", help: "Depth.", labels: ["target"] },
];
const WANTED = { target: "a", initial: [{ family: "depth", labels: {} }], keep: () => true };

/** When each column of the target began, by its name. */
const beginnings = (table: SeriesTable): Record<string, number> => {
  const block = table.blocks.get("a") ?? expect.unreachable("the target has a block");
  return Object.fromEntries(
    block.layout.columns.map(({ family, labels }, i) => [
      `${family}{${labels}}`,
      block.createdLater.get(i) ?? block.createdAt,
    ]),
  );
};

it("a column that comes later began later, whatever moves it and whatever is stored", () => {
  const table = new SeriesTable(FAMILIES);
  table.reconcile([WANTED], START);
  table.observe("a", { family: "jobs_total", labels: { kind: "b" }, value: 1 }, START + 1_000);
  table.observe("a", { family: "jobs_total", labels: { kind: "a" }, value: 1 }, START + 2_000);
  const expected = {
    "depth{}": START,
    'jobs_total{kind="a"}': START + 2_000,
    'jobs_total{kind="b"}': START + 1_000,
  };
  expect(beginnings(table)).toEqual(expected);
  table.reconcile([WANTED], START + 3_000);
  expect(beginnings(table)).toEqual(expected);

  const { layout, values, createdAt, createdLater } = table.blocks.get("a") ?? expect.unreachable("it is there");
  const restored = new SeriesTable(FAMILIES);
  restored.restore("a", layout.columns, values, createdAt, createdLater);
  expect(beginnings(restored)).toEqual(expected);
});

it("a column is there once it has been named, and not before", () => {
  const table = new SeriesTable(FAMILIES);
  table.reconcile([WANTED], START);
  const labels = { kind: "a" };
  expect([table.has("a", "jobs_total", labels), table.has("b", "jobs_total", labels)]).toEqual([false, false]);
  for (let n = 0; n < 2; n++) {
    table.observe("a", { family: "jobs_total", labels, value: 1 }, START);
    expect(table.has("a", "jobs_total", labels)).toBe(true);
    expect(table.read("a", "jobs_total", labels)).toBe(n + 1);
  }
});

it("targets with the same columns share one layout, in whatever order their columns came", () => {
  const pool = new LayoutPool(FAMILIES.map(({ name }) => name));
  const columns = ["jobs_total", "depth"].flatMap((family) =>
    ["", 'kind="a"', 'kind="b"', 'kind="c"'].map((labels) => ({ family, labels, width: 1 })),
  );
  fc.assert(
    fc.property(fc.shuffledSubarray(columns, { minLength: columns.length }), (shuffled) => {
      expect(pool.of(shuffled)).toBe(pool.of(columns));
    }),
  );
});

it("no structure is ever that of other columns: a reader that knows it needs no names", () => {
  type Step = (table: SeriesTable) => void;
  const kind = fc.constantFrom("a", "b", "c", "d");
  const name = fc.constantFrom("a", "b");
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.tuple(name, kind).map(
      ([of, label]): Step =>
        (table) => {
          if (table.blocks.has(of)) table.at(of, "jobs_total", { kind: label }, START);
        },
    ),
    fc.tuple(fc.subarray(["a", "b"]), kind).map(
      ([targets, label]): Step =>
        (table) => {
          const keep = (_family: string, labels: string) => labels !== `kind="${label}"`;
          table.reconcile(
            targets.map((target) => ({ ...WANTED, target, keep })),
            START,
          );
        },
    ),
    name.map(
      (of): Step =>
        (table) =>
          table.drop(of),
    ),
    name.map(
      (of): Step =>
        (table) =>
          void table.open(of, START),
    ),
    fc.tuple(name, kind).map(
      ([of, label]): Step =>
        (table) => {
          if (table.blocks.has(of)) table.widen(of, [{ family: "jobs_total", labels: { kind: label } }], START);
        },
    ),
    fc.tuple(name, kind).map(
      ([of, label]): Step =>
        (table) =>
          table.remove(of, [{ family: "jobs_total", labels: `kind="${label}"` }]),
    ),
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 20 }), (steps) => {
      const table = new SeriesTable(FAMILIES);
      const known = new Map<number, string>();
      for (const apply of steps) {
        apply(table);
        const names = JSON.stringify(
          [...table.blocks].map(([of, { layout }]) => [of, layout.columns.map((c) => `${c.family}{${c.labels}}`)]),
        );
        expect(known.get(table.structure) ?? names).toBe(names);
        known.set(table.structure, names);
      }
    }),
    { numRuns: 500 },
  );
});
