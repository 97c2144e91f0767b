import { describe, expect, it } from "vitest";
import { createDescriber } from "../../../../functions/cli/start/format-event.ts";
import type { Outcome, Sample } from "../../../../functions/model/probing/sample.ts";
import type { BadRun, WatchEvent } from "../../../../functions/model/watch-event.ts";
import { describeTick } from "../../../../functions/monitor/tick/describe-tick.ts";

const SLOT = Date.UTC(2026, 10, 22, 3, 10);

const shown = (...events: WatchEvent[]): string[] => {
  const describe = createDescriber();
  return events
    .flatMap((event) => describe(`[log] ${JSON.stringify(event)}`))
    .map((line) => line.replace(/^\d\d:\d\d:\d\d/, "TIME"));
};

const sample = (target: string, outcome: Outcome): Sample => ({
  target,
  probe: "health",
  vantage: "local",
  slot: SLOT,
  attempt: 0,
  startedAt: SLOT,
  durationMs: 1,
  outcome,
  steps: [],
  observations: [],
  traceId: "0".repeat(32),
});

const notification = (outcome: "delivered" | "uncertain" | "again" | "dead", alerts: number, why = ""): WatchEvent => ({
  event: "notification",
  id: "1",
  receiver: "oncall",
  channel: "webhook",
  reason: "new alerts added",
  status: "firing",
  alerts,
  added: 1,
  ended: 0,
  outcome,
  tries: 1,
  why,
});

describe("the tick line", () => {
  it("adds up for 300 targets of which 30 are dead, though the list of bad runs is cut", () => {
    const samples = [
      ...Array.from({ length: 10 }, (_, i) => sample(`up-${i}`, "ok")),
      ...Array.from({ length: 30 }, (_, i) => sample(`dead-${i}`, "failed")),
      ...Array.from({ length: 260 }, (_, i) => sample(`skip-${i}`, "skipped")),
    ];
    const [line = "", ...rest] = shown(describeTick({ slot: SLOT, attempt: 0, missed: 0 }, samples, 2, 900));
    expect(line).toBe("TIME tick    10 of 302 ok, 30 failed, 260 skipped, 2 without result in 900 ms");
    expect(rest.at(-1)?.trim()).toBe("and 190 more bad runs not listed");
  });

  it("names a confirmation and what was missed", () => {
    const run = (attempt: number, missed: number): WatchEvent =>
      describeTick({ slot: SLOT, attempt, missed }, [sample("a", "ok")], 0, 5);
    expect(shown(run(1, 0), run(0, 1), run(0, 2))).toEqual([
      "TIME confirm 1 of 1 ok in 5 ms",
      "TIME tick    1 of 1 ok in 5 ms; missed 1 earlier slot",
      "TIME tick    1 of 1 ok in 5 ms; missed 2 earlier slots",
    ]);
  });

  it("says once what stays skipped", () => {
    const tick = (slot: number): WatchEvent =>
      describeTick({ slot, attempt: 0, missed: 0 }, [sample("a", "skipped")], 0, 5);
    expect(shown(tick(SLOT), tick(SLOT + 60_000))).toHaveLength(3);
  });
});

describe("other events", () => {
  it("speak of one and of several", () => {
    expect(
      shown(
        { event: "remapped", config: "0123456789", targets: 1 },
        { event: "remapped", config: "0123456789", targets: 2 },
      ),
    ).toEqual(["         watching 1 target (config 01234567)", "         watching 2 targets (config 01234567)"]);
    expect(shown(notification("delivered", 1), notification("delivered", 2))).toEqual([
      "         notified oncall by webhook: 1 alert (1 new)",
      "         notified oncall by webhook: 2 alerts (1 new)",
    ]);
  });

  it("say what became of a notification", () => {
    expect(shown(notification("again", 1, "timeout: no answer"), notification("dead", 1, "http: 404"))).toEqual([
      "         could not notify oncall by webhook: 1 alert (1 new); timeout: no answer; will retry",
      "         gave up on notifying oncall by webhook: 1 alert (1 new); http: 404",
    ]);
  });

  it("count what a later message adds and ends", () => {
    const sent = (reason: string, added: number, ended: number): string[] =>
      shown({ ...notification("delivered", 3), reason, added, ended } as WatchEvent);
    expect(
      [
        sent("first notification", 3, 0),
        sent("new alerts added", 1, 1),
        sent("some alerts resolved", 0, 2),
        sent("all alerts resolved", 0, 3),
        // The new one was left out of a message that was too long.
        sent("new alerts added", 0, 0),
      ].flat(),
    ).toEqual([
      "         notified oncall by webhook: 3 alerts (first notification)",
      "         notified oncall by webhook: 3 alerts (1 new, 1 resolved)",
      "         notified oncall by webhook: 3 alerts (2 resolved)",
      "         notified oncall by webhook: 3 alerts (all alerts resolved)",
      "         notified oncall by webhook: 3 alerts (new alerts added)",
    ]);
  });

  it("name a change of state as from -> to, below its tick", () => {
    const bad: BadRun = {
      target: "a",
      probe: "health",
      vantage: "local",
      outcome: "failed",
      reason: "corrupt",
      text: "x",
    };
    const tick = {
      ...(describeTick({ slot: SLOT, attempt: 0, missed: 0 }, [], 0, 5) as Extract<WatchEvent, { event: "tick" }>),
      bad: [bad],
    };
    expect(
      shown({ event: "state", target: "a", probe: "health", from: "up", to: "down", reason: "corrupt" }, tick),
    ).toEqual([
      "TIME tick    0 of 0 ok in 5 ms",
      "         failed   a health: x (corrupt)",
      "         a health: up -> down (corrupt)",
    ]);
  });
});
