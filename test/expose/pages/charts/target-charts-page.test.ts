import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { AppPorts } from "../../../../functions/expose/app.ts";
import { HistoryWriter } from "../../../../functions/monitor/history/history-writer.ts";
import { rowsOfHour } from "../../../../functions/store/history/history-row.ts";
import { readTargetHistory } from "../../../../functions/store/history/read-target-history.ts";
import { unpackSamples } from "../../../../functions/store/history/sample-block.ts";
import { writeHours } from "../../../../functions/store/history/write-history.ts";
import { BEARER, page, snapshot, world } from "../pages-world.ts";
import { HOUR, hourRow, NOW, packed, sample } from "./chart-world.ts";

const charts = (over: Partial<AppPorts["charts"]> = {}): Partial<AppPorts> => ({
  ofTarget: async () => snapshot("cas-eu", "up"),
  charts: {
    history: async () => ({
      ok: true,
      value: [hourRow(NOW - HOUR, [sample(NOW - HOUR, 20), sample(NOW - HOUR + 60_000, 40, { outcome: "failed" })])],
    }),
    recent: async () => packed([sample(NOW, 60)]),
    ...over,
  },
});

const read = async (query: string, over: Partial<AppPorts["charts"]> = {}) =>
  page(await world(charts(over)).ask(`/targets/cas-eu${query}`, { headers: BEARER }));

describe("charts of a target", () => {
  it("show percentiles and success, drawn and as a table", async () => {
    const { text, values, tags } = await read("?range=6h");
    expect(text).toContain("Latency, 0 to 60 ms: P50 P95 P99");
    expect(text).toContain("Success: 1 of 3 runs failed");
    expect(text).toContain("2026-11-22 03:00:00 UTC1060 ms60 ms60 ms");
    expect(text).toContain("2026-11-22 02:00:00 UTC2120 ms40 ms40 ms");
    expect(values).toContainEqual([
      "aria-label",
      "Latency over time; latest: P50 60 ms, P95 60 ms, P99 60 ms. The table has all numbers.",
    ]);
    expect(values).toContainEqual(["href", "/targets/cas-eu?range=7d"]);
    expect(tags.filter((tag) => tag.startsWith("path")).length).toBe(3);
  });

  it("of a month ask for no single runs, and show means and maxima", async () => {
    const asked: unknown[] = [];
    const { text } = await read("?range=30d", {
      history: async (target, range) => {
        asked.push([target, range.samples, NOW - range.from > 29 * 24 * HOUR]);
        return { ok: true, value: [hourRow(NOW - HOUR, [sample(NOW - HOUR, 20)], { samples: null })] };
      },
      recent: () => Promise.reject(new Error("not asked for")),
    });
    expect(asked).toEqual([["cas-eu", false, true]]);
    expect(text).toContain("Latency, 0 to 20 ms: mean maximum");
  });

  it("with D1 down show the newest runs, and say so; with the Monitor silent what D1 has", async () => {
    const noHistory = await read("", { history: async () => ({ ok: false, failure: "unreachable" }) });
    expect(noHistory.text).toContain("History is not available at the moment.");
    expect(noHistory.text).toContain("0 of 1 runs failed");
    const noMonitor = await read("", { recent: async () => undefined });
    expect(noMonitor.text).toContain("1 of 2 runs failed");
    const nothing = await read("", { history: async () => ({ ok: true, value: [] }), recent: async () => undefined });
    expect(nothing.text).toContain("No runs in this time.");
  });

  it("ignore a hostile range", async () => {
    const { text } = await read(`?range=${encodeURIComponent('"><script>')}`);
    expect(text).toContain("24h");
    expect(text).not.toContain("script");
  });
});

describe("where they come from", () => {
  it("D1 gives the rows of the target's hours, with samples where they are asked for", async () => {
    const hour = NOW - 2 * HOUR;
    const samples = [sample(hour, 20), sample(hour + 60_000, 30, { outcome: "failed" })];
    const other = sample(hour, 1, { target: "cas-us" });
    await writeHours(env.DB, rowsOfHour([{ owner: "0:1", samples: packed([...samples, other]) }], hour).rows);
    const range = { from: hour + 1, to: NOW };
    const whole = await readTargetHistory(env.DB, "cas-eu", { ...range, samples: true });
    expect(whole).toMatchObject({
      ok: true,
      value: [{ hour, owner: "0:1", attempts: 2, failures: 1, durationSumMs: 50, durationMaxMs: 30 }],
    });
    const [row] = whole.ok ? whole.value : [];
    expect(unpackSamples(row?.samples ?? new Uint8Array())).toMatchObject({ ok: true, samples });
    const bare = await readTargetHistory(env.DB, "cas-eu", { ...range, samples: false });
    expect(bare).toMatchObject({ ok: true, value: [{ hour, samples: null }] });
    const later = await readTargetHistory(env.DB, "cas-eu", { from: NOW, to: NOW + HOUR, samples: false });
    expect(later).toEqual({ ok: true, value: [] });
    const broken = {
      prepare: () => {
        throw new Error("D1 is overloaded");
      },
    } as unknown as D1Database;
    expect(await readTargetHistory(broken, "cas-eu", { ...range, samples: true })).toEqual({
      ok: false,
      failure: "overloaded",
    });
  });

  it("the Monitor gives the target's runs of hours that are not closed, without unreadable blocks", () => {
    const blocks = new Map([
      [NOW - 2 * HOUR, [packed([sample(NOW - 2 * HOUR, 1)])]],
      [NOW, [packed([sample(NOW, 2), sample(NOW, 3, { target: "cas-us" })]), new Uint8Array([99])]],
    ]);
    const backlog = {
      hours: () => [...blocks.keys()],
      blocks: (hour: number) => (blocks.get(hour) ?? []).map((samples) => ({ owner: "0:1", samples })),
    };
    const ports = { backlog } as unknown as ConstructorParameters<typeof HistoryWriter>[0];
    const recent = unpackSamples(new HistoryWriter(ports).recent("cas-eu", NOW - HOUR / 2));
    expect(recent).toMatchObject({ ok: true, samples: [sample(NOW, 2)] });
  });
});
