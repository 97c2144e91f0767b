import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Family } from "../../functions/model/metric.ts";
import { EMPTY_MEMORY, type MemoryPatch } from "../../functions/model/probing/memory.ts";
import { Head } from "../../functions/store/head.ts";
import { MONITOR_META } from "../../functions/store/monitor-meta.ts";
import type { Wanted } from "../../functions/store/series/series-table.ts";

const FAMILIES: Family[] = [
  { name: "up_total", type: "counter", help: "Ups.", labels: ["target", "probe", "reason"] },
  { name: "last", type: "gauge", help: "Last.", labels: ["target", "probe"] },
  { name: "took_seconds", type: "histogram", help: "Took.", labels: ["target"], buckets: [0.1, 1] },
];

const inObject = <T>(run: (storage: DurableObjectStorage) => T): Promise<T> =>
  runInDurableObject(env.MONITOR.getByName("head"), (_instance, state) => run(state.storage));

const wanted = (names: readonly string[], probes: readonly string[]): Wanted[] =>
  names.map((target) => ({
    target,
    initial: [
      { family: "took_seconds", labels: {} },
      ...probes.flatMap((probe) => [
        { family: "up_total", labels: { probe } },
        { family: "last", labels: { probe } },
      ]),
    ],
    keep: (_family, labels) => labels === "" || probes.some((p) => labels.startsWith(`probe="${p}"`)),
  }));

/** Every number by its full name, as someone who scrapes would see them. */
function seen(head: Head): Record<string, number[]> {
  const out: Record<string, number[]> = {};
  for (const block of head.table.blocks.values())
    for (const c of block.layout.columns)
      out[`${block.target} ${c.family} ${c.labels}`] = [...block.values.subarray(c.offset, c.offset + c.width)];
  return out;
}

const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", 'we"ird\\\n'), { minLength: 1 });
const probes = fc.uniqueArray(fc.constantFrom("health", "cas.details", "push"), { minLength: 1 });
const step = fc.oneof(
  fc.record({
    do: fc.constant("count" as const),
    pick: fc.nat(),
    probe: fc.nat(),
    reason: fc.constantFrom("x", "y", "z"),
  }),
  fc.record({ do: fc.constant("time" as const), pick: fc.nat(), value: fc.double({ min: 0, max: 5, noNaN: true }) }),
  fc.record({ do: fc.constant("config" as const), names, probes }),
  fc.record({ do: fc.constant("restart" as const), committed: fc.boolean() }),
);

test("whatever is counted, reconfigured and restarted, what was committed is found again by name and no other number moves", async () => {
  await fc.assert(
    fc.asyncProperty(names, probes, fc.array(step, { maxLength: 40 }), async (firstNames, firstProbes, steps) => {
      await inObject((storage) => {
        for (const table of ["series", "memory", "head"]) storage.sql.exec(`DROP TABLE IF EXISTS ${table}`);
        let targets = firstNames;
        let kinds = firstProbes;
        let head = new Head(storage, FAMILIES, MONITOR_META);
        head.table.reconcile(wanted(targets, kinds), 1);
        head.commit();
        let committed = seen(head);
        for (const s of steps) {
          if (s.do === "count") {
            const target = targets[s.pick % targets.length] as string;
            const labels = { probe: kinds[s.probe % kinds.length] as string, reason: s.reason };
            head.table.observe(target, { family: "up_total", labels, value: 1 }, 2);
          } else if (s.do === "time") {
            const target = targets[s.pick % targets.length] as string;
            head.table.observe(target, { family: "took_seconds", labels: {}, value: s.value }, 2);
          } else if (s.do === "config") {
            const before = seen(head);
            targets = s.names;
            kinds = s.probes;
            head.table.reconcile(wanted(targets, kinds), 3);
            for (const [name, values] of Object.entries(seen(head)))
              if (before[name] !== undefined) expect(values, name).toEqual(before[name]);
          } else {
            if (s.committed) {
              head.commit();
              committed = seen(head);
            }
            head = new Head(storage, FAMILIES, MONITOR_META);
            expect(seen(head)).toEqual(committed);
            expect(head.unreadable).toEqual([]);
            // The running config may be ahead of the stored one, as after a crash between the two.
            head.table.reconcile(wanted(targets, kinds), 4);
          }
        }
      });
    }),
    { numRuns: 60 },
  );
});

test("a thousand targets are cut into rows below the limit, and a quiet commit writes nothing", async () => {
  await inObject((storage) => {
    const head = new Head(storage, FAMILIES, MONITOR_META);
    const many = Array.from({ length: 1000 }, (_, i) => `target-${i}`);
    const kinds = Array.from({ length: 100 }, (_, i) => `probe-${i}`);
    head.table.reconcile(wanted(many, kinds), 1);
    const first = head.commit();
    const sizes = [...storage.sql.exec<{ bytes: number }>("SELECT length(data) AS bytes FROM series")].map(
      (r) => r.bytes,
    );
    expect(Math.max(...sizes)).toBeLessThanOrEqual(768 * 1024);
    expect(first.rows).toBeGreaterThanOrEqual(sizes.length);
    expect(head.commit().rows).toBe(0);
    head.table.observe("target-500", { family: "up_total", labels: { probe: "probe-3" }, value: 1 }, 2);
    expect(head.commit().rows).toBe(1);
  });
});

test("rows that grow with their numbers are cut anew before the limit, and nothing is lost", async () => {
  await inObject((storage) => {
    const head = new Head(storage, FAMILIES, MONITOR_META);
    const many = Array.from({ length: 1000 }, (_, i) => `target-${i}`);
    const kinds = Array.from({ length: 100 }, (_, i) => `probe-${i}`);
    head.table.reconcile(wanted(many, kinds), 1);
    head.commit();
    const largest = (): number =>
      storage.sql
        .exec<{ bytes: number }>(
          "SELECT max(length(names), length(data)) AS bytes FROM series ORDER BY bytes DESC LIMIT 1",
        )
        .one().bytes;
    for (const share of [4, 2, 1])
      for (const [i, target] of many.entries()) {
        if (i % share !== 0) continue;
        for (const probe of kinds) {
          head.table.observe(target, { family: "up_total", labels: { probe }, value: 1e14 }, 2);
          head.table.observe(target, { family: "last", labels: { probe }, value: i + 0.1 }, 2);
        }
        if (i % 250 === 0) head.commit();
      }
    head.commit();
    expect(largest()).toBeLessThanOrEqual(1_000_000);
    expect(seen(new Head(storage, FAMILIES, MONITOR_META))).toEqual(seen(head));
  });
});

test("a counter cannot be made to go down", async () => {
  await inObject((storage) => {
    const head = new Head(storage, FAMILIES, MONITOR_META);
    head.table.reconcile(wanted(["a"], ["health"]), 1);
    for (const value of [-1, Number.NaN])
      expect(() => head.table.observe("a", { family: "up_total", labels: { probe: "health" }, value }, 2)).toThrow(
        /would go down/,
      );
  });
});

const patch: fc.Arbitrary<MemoryPatch> = fc.oneof(
  fc.record({ token: fc.constantFrom("a", "b") }),
  // Two or three of these fill the journal.
  fc.record({ token: fc.constantFrom("x", "y").map((letter) => letter.repeat(300_000)) }),
  fc.record({ writtenBytes: fc.nat({ max: 9 }), tokens: fc.nat({ max: 9 }) }),
  fc.record({ period: fc.nat({ max: 20 }), attemptedAt: fc.nat() }).map((facts) => ({
    canaries: [{ probe: "transport.upload", sizeBytes: 64, attempts: 1, ...facts }],
  })),
);
const memoryStep = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("note" as const), target: fc.constantFrom("a", "b", "c"), patch }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("commit" as const, "restart" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("retain" as const), targets: fc.subarray(["a", "b", "c"]) }) },
);

test("memories are found again as they were committed, through journal and rows, and forgotten with their target", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(memoryStep, { maxLength: 30 }), async (steps) => {
      await inObject((storage) => {
        for (const table of ["series", "memory", "head"]) storage.sql.exec(`DROP TABLE IF EXISTS ${table}`);
        const all = (head: Head) => ["a", "b", "c"].map((name) => head.memories.get(name));
        let head = new Head(storage, FAMILIES, MONITOR_META);
        let committed = all(head);
        for (const [now, s] of steps.entries()) {
          if (s.do === "note") head.memories.note(s.target, s.patch, now);
          else if (s.do === "retain") {
            head.memories.retain(new Set(s.targets));
            for (const name of ["a", "b", "c"])
              if (!s.targets.includes(name)) expect(head.memories.get(name)).toEqual(EMPTY_MEMORY);
          } else if (s.do === "commit") {
            head.commit();
            committed = all(head);
          } else {
            head = new Head(storage, FAMILIES, MONITOR_META);
            expect(all(head)).toEqual(committed);
          }
        }
      });
    }),
    { numRuns: 100 },
  );
});

test("notes of a small memory cost small commits, however many there have been", async () => {
  await inObject((storage) => {
    for (const table of ["series", "memory", "head"]) storage.sql.exec(`DROP TABLE IF EXISTS ${table}`);
    const head = new Head(storage, FAMILIES, MONITOR_META);
    head.commit();
    let bytes = 0;
    let rows = 0;
    const commits = 1_000;
    for (let slot = 1; slot <= commits; slot++) {
      head.memories.note("a", { token: `${slot % 10}`.repeat(100), tokens: 1 }, slot);
      const cost = head.commit();
      bytes = Math.max(bytes, cost.bytes);
      rows += cost.rows;
    }
    expect(bytes).toBeLessThan(16 * 1024);
    expect(rows).toBeLessThan(1.1 * commits);
  });
});

test("a memory that is added to costs one row, the one that a commit writes anyway, until the journal outgrows the rows", async () => {
  await inObject((storage) => {
    for (const table of ["series", "memory", "head"]) storage.sql.exec(`DROP TABLE IF EXISTS ${table}`);
    const head = new Head(storage, FAMILIES, MONITOR_META);
    head.memories.set("b", { ...EMPTY_MEMORY, token: "b".repeat(700_000) });
    head.commit();
    const rows: number[] = [];
    for (let slot = 1; slot <= 4; slot++) {
      head.meta = { ...head.meta, lastSlot: slot };
      head.memories.note("a", { token: `${slot}`.repeat(200_000) }, slot);
      rows.push(head.commit().rows);
    }
    expect(rows).toEqual([1, 1, 1, 2]);
    expect(head.commit().rows).toBe(0);
    expect(new Head(storage, FAMILIES, MONITOR_META).memories.get("a").token).toBe("4".repeat(200_000));
  });
});
