import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { HOUR_MS } from "../../../functions/lib/time-units.ts";
import { SampleBacklog } from "../../../functions/store/history/history-backlog.ts";
import { isRetentionState } from "../../../functions/store/history/retention.ts";
import { type StoredSample, unpackSamples } from "../../../functions/store/history/sample-block.ts";
import { NOTHING_SHIPPED } from "./nothing-shipped.ts";
import { EPOCH, tick } from "./samples.ts";

const inObject = (use: (backlog: SampleBacklog, storage: DurableObjectStorage) => void): Promise<void> =>
  runInDurableObject(env.MONITOR.getByName("backlog"), (_, { storage }) => use(new SampleBacklog(storage), storage));

const samplesOf = (backlog: SampleBacklog, hour: number): StoredSample[] =>
  Array.from(backlog.blocks(hour)).flatMap(({ samples }) => {
    const result = unpackSamples(samples);
    return result.ok ? result.samples : [];
  });

const minute = (n: number): number => EPOCH + n * 60_000;

describe("SampleBacklog", () => {
  test("keeps what is appended by hour, stragglers of a slot included", () =>
    inObject((backlog) => {
      const confirmation = tick(minute(1), 1).map((sample) => ({ ...sample, attempt: 1 }));
      backlog.append("0:1", tick(minute(1), 1));
      backlog.append("0:1", tick(minute(130), 1));
      backlog.append("0:2", [...confirmation, ...tick(minute(2), 1)]);
      expect(backlog.hours()).toEqual([EPOCH, EPOCH + 2 * HOUR_MS]);
      expect(samplesOf(backlog, EPOCH)).toEqual([...tick(minute(1), 1), ...confirmation, ...tick(minute(2), 1)]);
      expect(Array.from(backlog.blocks(EPOCH), ({ owner }) => owner)).toEqual(["0:1", "0:2", "0:2"]);
      expect(backlog.newestSlot(EPOCH)).toBe(minute(2));
      expect(backlog.newestSlot(EPOCH + HOUR_MS)).toBeUndefined();
      expect(backlog.slotsAfter(0)).toBe(3);
    }));

  test.each(["x", -60_000, 9e15, new ArrayBuffer(2)])("a block whose slot is %j is given up, and counted", (slot) =>
    inObject((backlog, storage) => {
      backlog.append("0:1", tick(minute(1), 1));
      const before = backlog.shipping().droppedSlots;
      storage.sql.exec("INSERT INTO backlog_block VALUES (?, 0, '0:1', x'00')", slot);
      const next = new SampleBacklog(storage);
      expect(next.hours()).toEqual([EPOCH]);
      expect(next.shipping().droppedSlots).toBe(before + 1);
    }),
  );

  test("a part whose number is damaged does not keep others of its slot out", () =>
    inObject((backlog, storage) => {
      for (const part of ["x", Number.MAX_SAFE_INTEGER]) {
        storage.sql.exec("INSERT INTO backlog_block VALUES (?, ?, '0:1', x'00')", minute(1), part);
        for (let i = 0; i < 3; i++) backlog.append("0:1", tick(minute(1), 1));
      }
      expect(Array.from(backlog.blocks(EPOCH))).toHaveLength(8);
    }));

  test("a tick costs one row, an hour of slots is listed for a few rows read", () =>
    inObject((backlog, storage) => {
      type Cursor = SqlStorageCursor<Record<string, SqlStorageValue>>;
      const cost = (use: (counted: SampleBacklog) => void): { read: number; written: number } => {
        const cursors: Cursor[] = [];
        const exec = (query: string, ...bindings: unknown[]): Cursor => {
          const cursor = storage.sql.exec(query, ...bindings);
          cursors.push(cursor);
          return cursor;
        };
        const counted = new SampleBacklog(Object.create(storage, { sql: { value: { exec } } }));
        cursors.length = 0;
        use(counted);
        const sum = { read: 0, written: 0 };
        for (const cursor of cursors) {
          sum.read += cursor.rowsRead;
          sum.written += cursor.rowsWritten;
        }
        return sum;
      };
      for (let n = 0; n < 120; n++) backlog.append("0:1", tick(minute(n), 1));
      expect(cost((counted) => counted.append("0:1", tick(minute(120), 1000))).written).toBe(1);
      expect(cost((counted) => counted.hours()).read).toBeLessThan(20);
    }));

  test("an hour closes only with the blocks that were read, and takes nothing after", () =>
    inObject((backlog) => {
      backlog.append("0:1", tick(minute(1), 1));
      const read = Array.from(backlog.blocks(EPOCH)).length;
      backlog.append("0:1", tick(minute(2), 1));
      expect(backlog.close(EPOCH, read, NOTHING_SHIPPED)).toBe(false);
      expect(backlog.shipping().closedBefore).toBe(0);
      expect(backlog.close(EPOCH, read + 1, { ...NOTHING_SHIPPED, failures: 4 })).toBe(true);
      expect(backlog.shipping()).toEqual({ ...NOTHING_SHIPPED, failures: 4, closedBefore: EPOCH + HOUR_MS });
      expect(backlog.append("0:1", [...tick(minute(59), 1), ...tick(minute(60), 1)])).toEqual({ refused: 15 });
      expect(backlog.hours()).toEqual([EPOCH + HOUR_MS]);
    }));

  test("dropping counts the slots that history never saw", () =>
    inObject((backlog) => {
      for (let n = 0; n < 60; n++) backlog.append("0:1", tick(minute(n), 1));
      backlog.saveShipping({ ...NOTHING_SHIPPED, shippedThrough: minute(29) });
      expect(backlog.backlogSlots()).toBe(30);
      backlog.drop(EPOCH);
      expect(backlog.shipping()).toMatchObject({ droppedSlots: 30, closedBefore: EPOCH + HOUR_MS });
      expect(backlog.hours()).toEqual([]);
    }));

  test("what was saved in another shape, such as a later version's, counts as never saved", () =>
    inObject((backlog) => {
      backlog.save("retention", { nextAt: "soon", strippedBefore: 0 });
      expect(backlog.read("retention", isRetentionState)).toBeUndefined();
      backlog.save("retention", { nextAt: 5, strippedBefore: 0 });
      expect(backlog.read("retention", isRetentionState)).toEqual({ nextAt: 5, strippedBefore: 0 });
    }));

  test("a transaction of the caller that fails takes its samples back", () =>
    inObject((backlog, storage) => {
      expect(() =>
        storage.transactionSync(() => {
          backlog.append("0:1", tick(minute(1), 1));
          backlog.save("retention", { nextAt: 5, strippedBefore: 0 });
          throw new Error("tick failed");
        }),
      ).toThrow("tick failed");
      expect(backlog.hours()).toEqual([]);
      expect(backlog.read("retention", isRetentionState)).toBeUndefined();
    }));
});
