import { expect, it } from "vitest";
import { KeyValueTable } from "../../functions/store/key-value-table.ts";
import { text } from "../../functions/store/shape.ts";
import { inObject } from "../monitor/alerts-sent.ts";

it("rows that cannot be read are named once, deleted by the next write, and then nothing is left to write", () =>
  inObject((storage) => {
    const before = new KeyValueTable(storage, "thing", (_key, value): value is string => text(value));
    for (const key of ["a", "b", "c", "d"]) before.set(key, key);
    before.write();
    storage.sql.exec("UPDATE thing SET value = 'damaged' WHERE key IN ('b', 'd')");

    const load = () => new KeyValueTable(storage, "thing", (_key, value): value is string => text(value));
    const table = load();
    expect([...table.all.keys()]).toEqual(["a", "c"]);
    expect(table.unreadable).toEqual(["b", "d"]);
    expect(table.isDirty).toBe(true);
    table.write();
    expect(table.isDirty).toBe(false);
    expect([...storage.sql.exec("SELECT key FROM thing ORDER BY key")]).toEqual([{ key: "a" }, { key: "c" }]);
    expect(load().unreadable).toEqual([]);
  }));
