import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HOUR_MS } from "../../../functions/lib/time-units.ts";
import { type HistoryRow, hourOf, rowsOfHour } from "../../../functions/store/history/history-row.ts";
import type { StoredSample } from "../../../functions/store/history/sample-block.ts";
import { writeHours } from "../../../functions/store/history/write-history.ts";
import { packSamples } from "./pack-samples.ts";
import { readHours } from "./read-hours.ts";
import { anySample, EPOCH, sampleKey, tick } from "./samples.ts";

const MAX_SAMPLES_BYTES = 700_000;

const MAX_MS = 2 ** 24 - 1;

/** The rows of one hour, whatever the slots of the samples. */
const rows = (samples: readonly StoredSample[], owner = "0:1", hour = EPOCH): HistoryRow[] =>
  rowsOfHour([{ owner, samples: packSamples(samples) }], hour).rows;

const hourOfTicks = (targets: number, minutes: number, hour = EPOCH): StoredSample[] =>
  Array.from({ length: minutes }, (_, minute) => tick(hour + minute * 60_000, targets)).flat();

async function read(target: string, from = EPOCH, to = EPOCH + HOUR_MS, samples = true) {
  const result = await readHours(env.DB, target, { from, to, samples });
  if (!result.ok) throw new Error(result.failure);
  return result.hours;
}

const written = async (given: readonly HistoryRow[]): Promise<number> => {
  const result = await writeHours(env.DB, given);
  if (!result.ok) throw new Error(result.failure);
  return result.rowsWritten;
};

/** A D1 that fails every call with the message. */
const failing = (message: string): D1Database =>
  ({
    prepare: () => {
      throw new Error(message);
    },
  }) as unknown as D1Database;

describe("what is written is read", () => {
  test("any samples of an hour, with sums that are those of the samples", async () => {
    const inHour = anySample.map((sample) => ({
      ...sample,
      slot: EPOCH + (sample.slot % 360) * 10_000,
      startedAt: EPOCH,
    }));
    const unique = fc.uniqueArray(inHour, { maxLength: 30, selector: sampleKey });
    await fc.assert(
      fc.asyncProperty(unique, async (samples) => {
        await env.DB.exec("DELETE FROM history");
        await writeHours(env.DB, rows(samples));
        for (const [target, own] of Map.groupBy(samples, (sample) => sample.target)) {
          const [hour, ...more] = await read(target);
          expect(more).toEqual([]);
          expect(new Set(hour?.samples)).toEqual(new Set(own));
          const attempted = own.filter(({ outcome }) => outcome !== "skipped" && outcome !== "blocked");
          expect(hour?.slots).toBe(new Set(own.map(({ slot }) => slot)).size);
          expect(hour?.total).toEqual({
            runs: own.length,
            attempts: attempted.length,
            failures: own.filter(({ outcome }) => outcome === "failed").length,
            degraded: own.filter(({ outcome }) => outcome === "degraded").length,
            skips: own.filter(({ outcome }) => outcome === "skipped").length,
            blocked: own.filter(({ outcome }) => outcome === "blocked").length,
            durationSumMs: attempted.reduce((sum, { durationMs }) => sum + durationMs, 0),
            durationMaxMs: Math.max(0, ...attempted.map(({ durationMs }) => durationMs)),
          });
          expect(new Set(Object.keys(hour?.probes ?? {}))).toEqual(new Set(own.map(({ probe }) => probe)));
          const [plain] = await read(target, EPOCH, EPOCH + HOUR_MS, false);
          expect(plain).toEqual({ ...hour, samples: null });
        }
      }),
      { numRuns: 40 },
    );
  });

  test("only the hours asked for, oldest first, over more hours than one query reads", async () => {
    const hours = Array.from({ length: 60 }, (_, index) => EPOCH + index * HOUR_MS);
    for (const hour of hours) await written(rows(tick(hour, 2), "0:1", hour));
    const found = await read("customer-1.eu-central", EPOCH + HOUR_MS, EPOCH + 59 * HOUR_MS);
    expect(found.map(({ hour }) => hour)).toEqual(hours.slice(1, 59));
    expect(await read("customer-2.eu-central", EPOCH, EPOCH + 60 * HOUR_MS)).toEqual([]);
  });

  test("the columns and the JSON say the same to people who write SQL", async () => {
    const sample = { target: "main", probe: "transport.upload", vantage: "weur", startedAt: EPOCH, attempt: 0 };
    const samples: StoredSample[] = [
      { ...sample, slot: EPOCH, durationMs: 40, outcome: "ok" },
      { ...sample, slot: EPOCH + 60_000, durationMs: 100, outcome: "failed", reason: "timeout" },
      { ...sample, slot: EPOCH + 60_000, attempt: 1, durationMs: 60, outcome: "degraded", reason: "corrupt" },
      { ...sample, slot: EPOCH + 120_000, durationMs: 9, outcome: "skipped", reason: "bidi_needs_http2" },
      { ...sample, probe: "health", slot: EPOCH + 120_000, durationMs: 9, outcome: "blocked", reason: "connect" },
    ];
    await written(rows(samples));
    const columns = await env.DB.prepare(
      `SELECT datetime(hour, 'unixepoch') AS utc, owner, slots, runs, attempts, failures, degraded, skips, blocked,
         duration_sum_ms, duration_max_ms, typeof(samples) AS packed FROM history`,
    ).first();
    expect(columns).toEqual({
      utc: "2030-01-01 00:00:00",
      owner: "0:1",
      slots: 3,
      runs: 5,
      attempts: 3,
      failures: 1,
      degraded: 1,
      skips: 1,
      blocked: 1,
      duration_sum_ms: 200,
      duration_max_ms: 100,
      packed: "blob",
    });
    const byProbe = await env.DB.prepare(
      `SELECT p.key AS probe, p.value->>'failures' AS failures, p.value->>'duration_sum_ms' AS sum,
         p.value->'reasons' AS reasons FROM history, json_each(probes) AS p ORDER BY probe`,
    ).all();
    expect(byProbe.results).toEqual([
      { probe: "health", failures: 0, sum: 0, reasons: "{}" },
      { probe: "transport.upload", failures: 1, sum: 200, reasons: '{"timeout":1}' },
    ]);
  });
});

describe("a repeat replaces and never adds", () => {
  test("an unchanged row costs nothing, a grown one costs one row, an older state changes nothing", async () => {
    const half = rows(hourOfTicks(3, 30));
    const whole = rows(hourOfTicks(3, 60));
    expect(await written(half)).toBe(3);
    expect(await written(half)).toBe(0);
    expect(await written(whole)).toBe(3);
    expect(await written(half)).toBe(0);
    const [hour] = await read("customer-0.eu-central");
    expect(hour?.total.runs).toBe(900);
    expect(hour?.samples).toHaveLength(900);
  });

  test("many rows go in few statements of bounded size", async () => {
    const sizes: number[] = [];
    const spy = {
      prepare: (sql: string) => ({
        bind: (parameter: string) => {
          expect(sql.length).toBeLessThan(100_000);
          sizes.push(new TextEncoder().encode(parameter).length);
          return env.DB.prepare(sql).bind(parameter);
        },
      }),
    } as unknown as D1Database;
    const given = rows(hourOfTicks(300, 60));
    expect(await writeHours(spy, given)).toEqual({ ok: true, rowsWritten: 300, statements: sizes.length });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_500_000);
    expect(sizes.length).toBeLessThan(5);
  });

  test("samples too large for a parameter are left out of their row, which keeps its sums", async () => {
    const [row] = rows(tick(EPOCH, 1));
    if (row === undefined) throw new Error("no row");
    const fits = { ...row, samples: new Uint8Array(MAX_SAMPLES_BYTES) };
    expect(
      await written([
        { ...fits, target: "fits" },
        { ...fits, target: "over", samples: new Uint8Array(MAX_SAMPLES_BYTES + 1) },
      ]),
    ).toBe(2);
    const sizes = await env.DB.prepare("SELECT target, length(samples) AS size, runs FROM history").all();
    expect(sizes.results).toEqual([
      { target: "fits", size: MAX_SAMPLES_BYTES, runs: 15 },
      { target: "over", size: null, runs: 15 },
    ]);
  });
});

describe("owners", () => {
  const base = { target: "t", probe: "health", vantage: "local", startedAt: EPOCH, durationMs: 1 };
  const run = fc.record({
    slot: fc.integer({ min: 0, max: 5 }).map((minute) => EPOCH + minute * 60_000),
    attempt: fc.integer({ min: 0, max: 1 }),
    outcome: fc.constantFrom("ok" as const, "failed" as const),
  });
  const share = fc.record({
    owner: fc.constantFrom("0:1", "0:2", "1:2", "0:10"),
    runs: fc.uniqueArray(run, { selector: ({ slot, attempt }) => `${slot} ${attempt}` }),
  });

  test("merge by slot: the later owner's sample wins, nothing is counted twice", async () => {
    const owners = ["0:1", "0:2", "1:2", "0:10"];
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(share, { selector: ({ owner }) => owner }), async (shares) => {
        await env.DB.exec("DELETE FROM history");
        const expected = new Map<string, StoredSample>();
        for (const { runs } of shares.toSorted((a, b) => owners.indexOf(a.owner) - owners.indexOf(b.owner))) {
          for (const one of runs) expected.set(`${one.slot} ${one.attempt}`, { ...base, ...one });
        }
        for (const { owner, runs } of shares)
          await written(
            rows(
              runs.map((one) => ({ ...base, ...one })),
              owner,
            ),
          );
        const hours = await read("t");
        expect(new Set(hours.flatMap(({ samples }) => samples ?? []))).toEqual(new Set(expected.values()));
        expect(hours.reduce((sum, { total }) => sum + total.runs, 0)).toBe(expected.size);
      }),
      { numRuns: 60 },
    );
  });
});

describe("failure of D1 is data", () => {
  test.each([
    ["D1_ERROR: D1 DB is overloaded. Too many requests queued.", "overloaded"],
    ["D1_ERROR: Network connection lost.", "unreachable"],
    ["D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.", "timeout"],
    ["D1_ERROR: Exceeded maximum DB size.", "quota"],
    ["D1_ERROR: no such table: history: SQLITE_ERROR", "schema"],
    ["something with https://secret.example inside", "other"],
  ])("%s", async (message, failure) => {
    expect(await writeHours(failing(message), rows(tick(EPOCH, 1)))).toMatchObject({ ok: false, failure });
    expect(await readHours(failing(message), "t", { from: EPOCH, to: EPOCH + 1, samples: true })).toEqual({
      ok: false,
      failure,
    });
  });

  test("a database without migrations says so", async () => {
    await env.DB.exec("DROP TABLE history");
    expect(await writeHours(env.DB, rows(tick(EPOCH, 1)))).toMatchObject({ ok: false, failure: "schema" });
  });

  test("what was written before the failure is counted", async () => {
    let calls = 0;
    const second = {
      prepare: (sql: string) => {
        if (++calls === 2) throw new Error("Network connection lost.");
        return env.DB.prepare(sql);
      },
    } as unknown as D1Database;
    const result = await writeHours(second, rows(hourOfTicks(200, 60)));
    expect(result).toMatchObject({ ok: false, failure: "unreachable", statements: 1 });
    expect(result.rowsWritten).toBeGreaterThan(50);
  });
});

test("rows of an hour: owners apart, unreadable blocks counted and left out", () => {
  const block = (owner: string, slot: number) => ({ owner, samples: packSamples(tick(slot, 1)) });
  const broken = { owner: "0:1", samples: Uint8Array.of(1, 2, 3) };
  const made = rowsOfHour([block("0:1", EPOCH), broken, block("0:2", EPOCH + 60_000)], EPOCH);
  expect(made).toMatchObject({ blocks: 3, unreadable: 1 });
  expect(made.rows.map(({ owner, total }) => [owner, total.runs])).toEqual([
    ["0:1", 15],
    ["0:2", 15],
  ]);
  expect(hourOf(EPOCH + HOUR_MS - 1)).toBe(EPOCH);
  expect(MAX_MS).toBeGreaterThan(HOUR_MS);
});
