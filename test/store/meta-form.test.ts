import { describe, expect, it } from "vitest";
import { ALERTER_META, type AlerterMeta } from "../../functions/store/alerter/alerter-meta.ts";
import { readMeta } from "../../functions/store/meta-form.ts";
import { MONITOR_META, type MonitorMeta } from "../../functions/store/monitor-meta.ts";

const WHOLE: MonitorMeta = {
  lastSlot: 60_000,
  gridMs: 60_000,
  configHash: "c",
  commits: 7,
  about: "0.1.0 c",
  pending: { slot: 60_000, runs: [{ target: "a", probe: "health", vantage: "weur", role: "sole" }] },
  early: ["a health"],
  intake: { sequence: 3, generation: 1, replaced: { config: "d", by: 2 } },
  windows: { minute: 1, nextAddress: 9, repairedAt: 0 },
};

describe("a stored meta", () => {
  it("is read as it was written", () => {
    expect(readMeta(MONITOR_META, JSON.parse(JSON.stringify(WHOLE)))).toEqual({ meta: WHOLE, damaged: [] });
    const meta: AlerterMeta = { generation: { number: 2, config: "c", shards: 1 }, superseded: ["b"] };
    expect(readMeta(ALERTER_META, meta)).toEqual({ meta, damaged: [] });
  });

  it.each(["about", "pending", "early", "intake", "windows"] as const)(
    "goes without %s where that has another form, and says so",
    (name) => {
      const { [name]: _, ...rest } = WHOLE;
      for (const odd of [null, {}, [1], -1, { slot: 1, runs: [null] }])
        expect(readMeta(MONITOR_META, { ...WHOLE, [name]: odd })).toEqual({
          meta: rest,
          damaged: [`meta ${name}: damaged`],
        });
      expect(readMeta(MONITOR_META, rest)).toEqual({ meta: rest, damaged: [] });
    },
  );

  it.each(["lastSlot", "gridMs", "configHash", "commits"] as const)("begins anew without %s", (name) => {
    const { [name]: _, ...rest } = WHOLE;
    const anew = { meta: MONITOR_META.empty, damaged: ["meta: damaged"] };
    expect(readMeta(MONITOR_META, rest)).toEqual(anew);
    expect(readMeta(MONITOR_META, { ...WHOLE, [name]: null })).toEqual(anew);
  });

  it("begins anew where it is no object, though none of its fields is required", () => {
    for (const odd of [undefined, null, [], "x", 7])
      expect(readMeta(ALERTER_META, odd)).toEqual({ meta: {}, damaged: ["meta: damaged"] });
  });

  it("keeps nothing that it does not know", () => {
    expect(readMeta(MONITOR_META, { ...WHOLE, next: 1 }).meta).toEqual(WHOLE);
  });
});
