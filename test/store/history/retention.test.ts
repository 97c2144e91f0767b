import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { HOUR_MS } from "../../../functions/lib/time-units.ts";
import { afterSweep, NOTHING_SWEPT, planSweep, sweepHistory } from "../../../functions/store/history/retention.ts";
import { EPOCH } from "./samples.ts";

const DAY_MS = 24 * HOUR_MS;
const KEEP = { samplesDays: 30, rollupsDays: 400 };
const NOW = EPOCH + 500 * DAY_MS + 123_456;

/** A row per target and given age in hours, with two bytes of samples. */
async function fill(targets: number, agesHours: readonly number[], now = NOW): Promise<void> {
  const rows = agesHours.flatMap((age) =>
    Array.from({ length: targets }, (_, target) => [`t${target}`, Math.floor(now / HOUR_MS - age) * 3600]),
  );
  await env.DB.prepare(
    `INSERT INTO history SELECT value->>0, value->>1, '0:1', 1, 1, 1, 0, 0, 0, 0, 1, 1, '{}', x'0100'
     FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
  )
    .bind(JSON.stringify(rows))
    .run();
}

const ages = async (now = NOW) => {
  const sql = "SELECT DISTINCT hour, samples IS NOT NULL AS kept FROM history ORDER BY hour DESC, kept";
  const { results } = await env.DB.prepare(sql).all<{ hour: number; kept: number }>();
  return results.map(({ hour, kept }) => `${Math.floor(now / HOUR_MS) - hour / 3600} ${kept ? "samples" : "sums"}`);
};

describe("planSweep", () => {
  test("runs at most once an hour, then from where it was, again over what may have come late", () => {
    const first = planSweep(NOTHING_SWEPT, NOW, KEEP);
    if (first === undefined) throw new Error("nothing planned");
    expect(first.stripFrom).toBe(0);
    const done = afterSweep(NOTHING_SWEPT, first, { ok: true, stripped: 5, deleted: 0, complete: true }, NOW);
    expect(planSweep(done, NOW + HOUR_MS - 1, KEEP)).toBeUndefined();
    expect(planSweep(done, NOW + HOUR_MS, KEEP)).toEqual({
      stripFrom: first.stripBefore - 3 * DAY_MS,
      stripBefore: first.stripBefore + HOUR_MS,
      deleteBefore: first.deleteBefore + HOUR_MS,
    });
  });

  test("an incomplete sweep continues at the next wake, a failed one after ten minutes; neither moves its mark", () => {
    const sweep = { stripFrom: 0, stripBefore: 5 * HOUR_MS, deleteBefore: 0 };
    const part = { ok: true, stripped: 1000, deleted: 0, complete: false } as const;
    expect(afterSweep(NOTHING_SWEPT, sweep, part, NOW)).toEqual({ nextAt: NOW, strippedBefore: 0 });
    const refused = { ok: false, failure: "overloaded" } as const;
    expect(afterSweep(NOTHING_SWEPT, sweep, refused, NOW)).toEqual({ nextAt: NOW + 600_000, strippedBefore: 0 });
  });

  test("a mark left by a clock that ran ahead does not stop it for ever", () => {
    expect(planSweep({ nextAt: NOW + 30 * DAY_MS, strippedBefore: 0 }, NOW, KEEP)).toBeDefined();
  });
});

describe("sweepHistory", () => {
  test("samples go after samplesDays, rows after rollupsDays, at the hour", async () => {
    await fill(3, [0, 30 * 24 - 1, 30 * 24, 30 * 24 + 1, 100 * 24, 400 * 24, 400 * 24 + 1, 450 * 24]);
    const sweep = planSweep(NOTHING_SWEPT, NOW, KEEP);
    if (sweep === undefined) throw new Error("nothing planned");
    expect(await sweepHistory(env.DB, sweep)).toEqual({ ok: true, stripped: 15, deleted: 6, complete: true });
    const left = ["0 samples", "719 samples", "720 samples", "721 sums", "2400 sums", "9600 sums"];
    expect(await ages()).toEqual(left);
    expect(await sweepHistory(env.DB, sweep)).toEqual({ ok: true, stripped: 0, deleted: 0, complete: true });
  });

  test("in bounded statements until nothing is left", async () => {
    await fill(5, [31 * 24, 32 * 24, 401 * 24, 402 * 24]);
    const sweep = planSweep(NOTHING_SWEPT, NOW, KEEP);
    if (sweep === undefined) throw new Error("nothing planned");
    let passes = 0;
    for (let complete = false; !complete && passes < 20; passes++) {
      const result = await sweepHistory(env.DB, sweep, 4);
      if (!result.ok) throw new Error(result.failure);
      expect(Math.max(result.stripped, result.deleted)).toBeLessThanOrEqual(4);
      complete = result.complete;
    }
    expect(passes).toBe(4);
    expect(await ages()).toEqual(["744 sums", "768 sums"]);
  });

  test("an hourly sweep reads some rows per target, not the whole table", async () => {
    await fill(
      20,
      Array.from({ length: 100 }, (_, index) => index * 24),
    );
    let rowsRead = 0;
    const spy = {
      prepare: (sql: string) => ({
        bind: (...values: unknown[]) => ({
          run: async () => {
            const result = await env.DB.prepare(sql)
              .bind(...values)
              .run();
            rowsRead += result.meta.rows_read;
            return result;
          },
        }),
      }),
    } as unknown as D1Database;
    const state = { nextAt: 0, strippedBefore: NOW - 30 * DAY_MS - HOUR_MS };
    const sweep = planSweep(state, NOW, KEEP);
    if (sweep === undefined) throw new Error("nothing planned");
    expect(await sweepHistory(spy, sweep)).toMatchObject({ ok: true, complete: true });
    console.log(`a sweep of 20 targets with 100 rows each read ${rowsRead} rows`);
    expect(rowsRead).toBeLessThan(20 * 30);
  });

  test("an empty table and a failing one", async () => {
    const sweep = { stripFrom: 0, stripBefore: NOW, deleteBefore: NOW };
    expect(await sweepHistory(env.DB, sweep)).toEqual({ ok: true, stripped: 0, deleted: 0, complete: true });
    await env.DB.exec("DROP TABLE history");
    expect(await sweepHistory(env.DB, sweep)).toEqual({ ok: false, failure: "schema" });
  });
});
