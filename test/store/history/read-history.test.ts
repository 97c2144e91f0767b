import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../functions/lib/time-units.ts";
import { writeNotes } from "../../../functions/store/history/alert-history.ts";
import { rowsOfHour } from "../../../functions/store/history/history-row.ts";
import { type FleetHistory, readFleetHistory } from "../../../functions/store/history/read-history.ts";
import { writeHours } from "../../../functions/store/history/write-history.ts";
import { packSamples } from "./pack-samples.ts";

const TODAY = Date.UTC(2026, 10, 22);
const NOW = TODAY + 12 * HOUR_MS + 20 * 60_000;

async function write(target: string, hour: number, durations: readonly number[], owner = "0:1"): Promise<void> {
  const samples = durations.map((durationMs, i) => ({
    target,
    probe: "health",
    vantage: "local" as const,
    slot: hour + i * 60_000,
    attempt: 0,
    startedAt: hour + i * 60_000,
    durationMs,
    outcome: i === 0 ? ("failed" as const) : ("ok" as const),
  }));
  const result = await writeHours(env.DB, rowsOfHour([{ owner, samples: packSamples(samples) }], hour).rows);
  expect(result.ok).toBe(true);
}

async function read(now = NOW, days = 90): Promise<FleetHistory> {
  const result = await readFleetHistory(env.DB, now, days);
  if (!result.ok) throw new Error(result.failure);
  return result.value;
}

describe("history of the fleet", () => {
  it("is empty before anything is written", async () => {
    expect(await read()).toEqual({ days: new Map(), hours: new Map(), incidents: [] });
  });

  it("has the days with results, within the days asked for", async () => {
    for (const back of [0, 1, 89, 90]) await write("cas-eu", TODAY - back * DAY_MS, [10]);
    await write("it's, <b>", TODAY, [10]);
    const { days } = await read();
    expect(days.get("cas-eu")).toEqual(new Set([TODAY, TODAY - DAY_MS, TODAY - 89 * DAY_MS]));
    expect(days.get("it's, <b>")).toEqual(new Set([TODAY]));
  });

  it("has the last day by hour, the owners of an hour together", async () => {
    await write("cas-eu", TODAY + 11 * HOUR_MS, [10, 20]);
    await write("cas-eu", TODAY + 11 * HOUR_MS, [90], "0:2");
    await write("cas-eu", TODAY - 12 * HOUR_MS, [7]);
    await write("cas-eu", TODAY - 13 * HOUR_MS, [7]);
    const { hours } = await read();
    expect(hours.get("cas-eu")).toEqual([
      { hour: TODAY - 12 * HOUR_MS, attempts: 1, failures: 1, meanMs: 7 },
      { hour: TODAY + 11 * HOUR_MS, attempts: 3, failures: 2, meanMs: 40 },
    ]);
  });

  it("has incidents that were open within the days, and nothing of a text that is no list of causes", async () => {
    const incident = (openedAt: number, closedAt: number | undefined) => ({
      kind: "incident" as const,
      incident: {
        id: `cas-eu@${openedAt}`,
        target: "cas-eu",
        state: "down" as const,
        openedAt,
        ...(closedAt === undefined ? {} : { closedAt, why: "recovered" as const }),
        causes: [{ alertname: "A", severity: "critical", summary: "It is so.", reason: "timeout", at: openedAt }],
        acknowledgedBy: "ada",
      },
    });
    const old = NOW - 100 * DAY_MS;
    await writeNotes(env.DB, [
      incident(old, old + 1_000),
      incident(old + 5_000, NOW - 80 * DAY_MS),
      incident(NOW - 60_001, undefined),
    ]);
    const { incidents } = await read();
    expect(incidents.map(({ openedAt }) => openedAt)).toEqual([NOW - 60_001, old + 5_000]);
    expect(incidents[0]).toEqual(incident(NOW - 60_001, undefined).incident);
    await env.DB.exec("UPDATE incident SET causes = 'x'");
    expect((await read()).incidents.map(({ causes }) => causes)).toEqual([[], []]);
  });

  it("answers a failure and not an error", async () => {
    const broken = {
      prepare: () => ({ bind: () => ({}) }),
      batch: () => Promise.reject(new Error("D1 is overloaded")),
    };
    expect(await readFleetHistory(broken as unknown as D1Database, NOW, 90)).toEqual({
      ok: false,
      failure: "overloaded",
    });
  });
});
