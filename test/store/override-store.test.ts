import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { OVERRIDE_KEY, readOverride } from "../../functions/store/override-kv.ts";
import { OverrideStore } from "../../functions/store/override-store.ts";

let objects = 0;
const inStore = (run: (table: OverrideStore, storage: DurableObjectStorage) => void): Promise<void> =>
  runInDurableObject(env.MONITOR.getByName(`override-${objects++}`), async (_, { storage }) => {
    run(new OverrideStore(storage), storage);
  });

describe("the override store", () => {
  it("keeps the last text across restarts of the object, and nothing after a delete", async () => {
    await inStore((table, storage) => {
      expect(table.read()).toBeUndefined();
      table.write("first");
      table.write("second");
      expect(new OverrideStore(storage).read()).toBe("second");
      table.write(undefined);
      expect(new OverrideStore(storage).read()).toBeUndefined();
    });
  });

  it("cuts a large one into rows below 1 MB, and no character in two", async () => {
    await inStore((table, storage) => {
      for (const text of ["x".repeat(4 * 2 ** 20), `a${"\u{1f4a9}".repeat(500_000)}`, "ü".repeat(786_432)]) {
        table.write(text);
        expect(new OverrideStore(storage).read() === text).toBe(true);
        const sizes = Array.from(storage.sql.exec("SELECT length(bytes) AS size FROM override"), (row) => row["size"]);
        expect(Math.max(...(sizes as number[]))).toBeLessThan(1_000_000);
      }
      table.write("short");
      expect(table.read()).toBe("short");
    });
  });

  it("returns an invalid override if a part is damaged", async () => {
    await inStore((table, storage) => {
      table.write("text");
      storage.sql.exec("UPDATE override SET bytes = 'text'");
      expect(new OverrideStore(storage).read()).toBe("\0");
    });
  });

  it("gives back what was put, or leaves what was there", async () => {
    await inStore((table, storage) => {
      fc.assert(
        fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (text) => {
          table.write(text);
          return table.read() === text;
        }),
      );
      table.write("kept");
      const broken = new OverrideStore({
        sql: {
          exec: (query, ...bindings) => {
            if (query.startsWith("INSERT")) throw new Error("no room");
            return storage.sql.exec(query, ...bindings);
          },
        },
        transactionSync: (work) => storage.transactionSync(work),
      });
      expect(() => broken.write("lost")).toThrow("no room");
      expect(table.read()).toBe("kept");
    });
  });
});

describe("reading KV", () => {
  afterEach(() => vi.useRealTimers());

  it("distinguishes a text from none", async () => {
    expect(await readOverride(env.KV, 100)).toEqual({ read: true, text: null });
    await env.KV.put(OVERRIDE_KEY, "{}");
    expect(await readOverride(env.KV, 100)).toEqual({ read: true, text: "{}" });
    await env.KV.delete(OVERRIDE_KEY);
    expect(await readOverride(env.KV, 100)).toEqual({ read: true, text: null });
  });

  it("brings one character more than is wanted of a text that is too long", async () => {
    await env.KV.put(OVERRIDE_KEY, "x".repeat(1_000));
    expect(await readOverride(env.KV, 10)).toEqual({ read: true, text: "x".repeat(11) });
  });

  it("gives up on what fails, throws or never answers", async () => {
    expect(await readOverride({ get: () => Promise.reject(new Error("KV GET failed: 503")) }, 10)).toEqual({
      read: false,
    });
    const thrown = readOverride(
      {
        get() {
          throw new TypeError("no such binding");
        },
      },
      10,
    );
    expect(await thrown).toEqual({ read: false });
    vi.useFakeTimers();
    const never = readOverride({ get: () => new Promise(() => {}) }, 10);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await never).toEqual({ read: false });
  });
});
