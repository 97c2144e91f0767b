import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { RecentIds } from "../../functions/store/recent-ids.ts";
import { rowWriter } from "../../functions/store/write-row.ts";

const MOST_RECENT_IDS = 2_048;

let objects = 0;
const inObject = (run: (storage: DurableObjectStorage) => void): Promise<void> =>
  runInDurableObject(env.MONITOR.getByName(`recent-ids-${objects++}`), (_instance, state) => run(state.storage));

function write(storage: DurableObjectStorage, ids: RecentIds): { rows: number; bytes: number } {
  const cost = { rows: 0, bytes: 0 };
  ids.write(rowWriter(storage, cost));
  return cost;
}

test("ids are known again, per target, over a restart; what has not changed is not written", () =>
  inObject((storage) => {
    const ids = new RecentIds(storage);
    expect([ids.add("a", "1"), ids.add("a", "1"), ids.add("b", "1")]).toEqual([true, false, true]);
    expect(write(storage, ids).rows).toBe(2);
    expect(write(storage, ids).rows).toBe(0);
    const next = new RecentIds(storage);
    expect([next.add("a", "1"), next.add("a", "2"), next.add("c", "1")]).toEqual([false, true, true]);
    expect(write(storage, next).rows).toBe(2);
    next.retain(new Set(["a"]));
    write(storage, next);
    expect(new RecentIds(storage).add("b", "1")).toBe(true);
  }));

test("the oldest are forgotten, and a full target takes one row of 40 KB", () =>
  inObject((storage) => {
    const ids = new RecentIds(storage);
    const name = (i: number): string => i.toString(16).padStart(16, "0");
    for (let i = 0; i <= MOST_RECENT_IDS; i++) ids.add("a", name(i));
    const cost = write(storage, ids);
    expect(cost.rows).toBe(1);
    expect(cost.bytes).toBeLessThan(40_960);
    const next = new RecentIds(storage);
    expect([next.add("a", name(MOST_RECENT_IDS)), next.add("a", name(1)), next.add("a", name(0))]).toEqual([
      false,
      false,
      true,
    ]);
  }));

test.each(["", "garbage", '12345678 ["x"]', 7, null])("a damaged row (%j) is reported and replaced", (damage) =>
  inObject((storage) => {
    new RecentIds(storage);
    storage.sql.exec("INSERT INTO recent_id VALUES ('a', ?)", damage ?? "null");
    const ids = new RecentIds(storage);
    expect(ids.unreadable).toEqual(["recent ids: damaged"]);
    expect(ids.add("a", "1")).toBe(true);
    write(storage, ids);
    expect(new RecentIds(storage).unreadable).toEqual([]);
  }),
);

test("a damaged row goes with the next commit, whoever it is of", () =>
  inObject((storage) => {
    new RecentIds(storage);
    storage.sql.exec("INSERT INTO recent_id VALUES ('a', 'x'), (x'61', '00000000 []')");
    const ids = new RecentIds(storage);
    expect(ids.unreadable).toHaveLength(2);
    write(storage, ids);
    expect(new RecentIds(storage).unreadable).toEqual([]);
  }));
