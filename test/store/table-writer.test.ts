import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { encodeWithChecksum } from "../../functions/store/checksummed-json.ts";
import { TableWriter } from "../../functions/store/table-writer.ts";
import { rowWriter } from "../../functions/store/write-row.ts";

const inObject = (run: (storage: DurableObjectStorage) => void): Promise<void> =>
  runInDurableObject(env.MONITOR.getByName("table-writer"), (_instance, { storage }) => {
    storage.sql.exec("DROP TABLE IF EXISTS rule_alert");
    run(storage);
  });

const isNumber = (_name: string, value: unknown): value is number => typeof value === "number";
const load = (storage: DurableObjectStorage): TableWriter<number> => new TableWriter(storage, "rule_alert", isNumber);
const write = (storage: DurableObjectStorage, rows: TableWriter<number>): void =>
  rows.write(rowWriter(storage, { rows: 0, bytes: 0 }));

test.each([
  [
    "garbage",
    ["{", encodeWithChecksum("[]"), encodeWithChecksum("null"), encodeWithChecksum("7"), "", 7, new ArrayBuffer(3)],
  ],
  ["a wrong checksum", [encodeWithChecksum('{"a":1}').replace("1}", "2}")]],
])("%s is dropped, reported once, and overwritten", (_, damages) =>
  inObject((storage) => {
    for (const damage of damages) {
      load(storage);
      storage.sql.exec("INSERT OR REPLACE INTO rule_alert VALUES (0, ?)", damage);
      const rows = load(storage);
      expect([rows.unreadable, [...rows.table.all()]]).toEqual([["rule_alert 0: damaged"], []]);
      write(storage, rows);
      expect(load(storage).unreadable).toEqual([]);
    }
  }),
);

test("of a row with one entry that cannot be used the others stay", () =>
  inObject((storage) => {
    load(storage);
    storage.sql.exec("INSERT INTO rule_alert VALUES (0, ?)", encodeWithChecksum('{"a":1,"b":"x"}'));
    const rows = load(storage);
    expect(rows.unreadable).toHaveLength(1);
    write(storage, rows);
    const next = load(storage);
    expect([next.unreadable, [...next.table.all()]]).toEqual([[], [["a", 1]]]);
  }));

test("a row out of its place does not come back when all that it says is over", () =>
  inObject((storage) => {
    load(storage);
    storage.sql.exec("INSERT INTO rule_alert VALUES (5, ?)", encodeWithChecksum('{"a":1}'));
    const rows = load(storage);
    expect(rows.table.find("a")).toBe(1);
    rows.table.delete("a");
    write(storage, rows);
    expect(load(storage).table.size).toBe(0);
  }));
