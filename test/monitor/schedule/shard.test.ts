import fc from "fast-check";
import { expect, test } from "vitest";
import { shardOf } from "../../../functions/model/probing/placement.ts";
import { configOfShard, monitorName, shardOfName } from "../../../functions/monitor/schedule/shard.ts";
import { config, target } from "../world.ts";

const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 50 });

test("every target is watched by one shard, and a shard more moves targets to the new one only", () => {
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 12 }), (all, shards) => {
      const whole = config(
        all.map((n) => target(n)),
        { shards },
      );
      const parts = Array.from({ length: shards + 2 }, (_, i) => configOfShard(whole, i).targets.map((t) => t.name));
      expect(parts.flat().sort()).toEqual([...all].sort());
      for (const name of all) {
        const after = shardOf(name, shards + 1);
        if (after !== shards) expect(after).toBe(shardOf(name, shards));
      }
    }),
  );
});

test("a thousand targets spread over four shards about evenly", () => {
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 1000; i++) counts[shardOf(`cas-${i}`, 4)] = (counts[shardOf(`cas-${i}`, 4)] ?? 0) + 1;
  expect(Math.min(...counts)).toBeGreaterThan(200);
});

test("a Monitor finds its shard in its name", () => {
  for (const shard of [0, 1, 9, 10, 999]) expect(shardOfName(monitorName(shard))).toBe(shard);
  for (const other of [undefined, "", "monitor:", "monitor:x", "alerter"]) expect(shardOfName(other)).toBe(0);
});
