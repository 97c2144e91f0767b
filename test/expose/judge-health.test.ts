import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeHealth, type MonitorHealth } from "../../functions/expose/judge-health.ts";

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);
const GRID = 60_000;
const ago = (ms: number): MonitorHealth => ({ lastSlot: NOW - ms, since: 0 });
const bornAgo = (ms: number): MonitorHealth => ({ since: NOW - ms });

describe("judging health", () => {
  it.each<[string, (MonitorHealth | undefined)[], string, number | undefined, string]>([
    ["a tick just committed", [ago(0)], "ok", 0, "0 s ago"],
    ["a tick 2.5 slots old", [ago(150_000)], "ok", 150_000, "150 s ago"],
    ["a tick a millisecond older", [ago(150_001)], "stale", 150_001, "150 s ago; ticks are due every 60 s. Check"],
    ["a slot slightly ahead of the clock", [ago(-5_000)], "ok", 0, "0 s ago"],
    [
      "no tick yet, just born",
      [bornAgo(1_000)],
      "starting",
      undefined,
      "Starting: the first tick has not been committed yet",
    ],
    ["no tick yet after the grace", [bornAgo(150_001)], "stale", undefined, "No tick has been committed yet. Check"],
    ["never woken", [{}], "stale", undefined, "No tick has been committed yet"],
    ["one of two behind", [ago(0), ago(200_000)], "stale", 200_000, "200 s ago"],
    ["one of two just born", [ago(10_000), bornAgo(0)], "starting", 10_000, "by 1 of 2 Monitors"],
    ["one of two never ticked", [ago(10_000), bornAgo(200_000)], "stale", 10_000, "committed yet by 1 of 2 Monitors"],
    ["one just born, one behind", [bornAgo(0), ago(200_000)], "stale", 200_000, "200 s ago"],
    ["one of two silent", [ago(0), undefined], "silent", undefined, "1 of 2 Monitors did not answer"],
    ["no Monitors", [], "silent", undefined, "0 of 0 Monitors"],
  ])("%s", (_, monitors, status, ageMs, why) => {
    const judged = judgeHealth(monitors, GRID, NOW);
    expect({ status: judged.status, ageMs: judged.ageMs }).toEqual({ status, ageMs });
    expect(judged.why).toContain(why);
  });

  it("measures in grid slots", () => {
    expect(judgeHealth([ago(25_000)], 10_000, NOW).status).toBe("ok");
    expect(judgeHealth([ago(25_001)], 10_000, NOW).status).toBe("stale");
    // A Monitor that an override has given another grid knows best.
    const own = (ageMs: number, gridMs: number) => judgeHealth([{ ...ago(ageMs), gridMs }], 10_000, NOW).status;
    expect([own(150_000, 60_000), own(150_001, 60_000), own(25_001, 10_000)]).toEqual(["ok", "stale", "stale"]);
  });

  it("never gets better by time alone, nor by another Monitor", () => {
    const rank = { ok: 0, starting: 1, stale: 2, silent: 3 };
    const monitor = fc.oneof(fc.nat({ max: 400_000 }).map(ago), fc.nat({ max: 400_000 }).map(bornAgo));
    fc.assert(
      fc.property(
        fc.array(monitor, { minLength: 1, maxLength: 4 }),
        monitor,
        fc.nat({ max: 300_000 }),
        (all, one, ms) => {
          const before = rank[judgeHealth(all, GRID, NOW).status];
          expect(rank[judgeHealth(all, GRID, NOW + ms).status]).toBeGreaterThanOrEqual(before);
          expect(rank[judgeHealth([...all, one], GRID, NOW).status]).toBeGreaterThanOrEqual(before);
        },
      ),
    );
  });
});
