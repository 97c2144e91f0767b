import { afterEach, describe, expect, it, vi } from "vitest";
import { WiredAlerter, wiredConfig } from "./wired-world.ts";
import { FakeMonitor, MINUTE } from "./world.ts";

afterEach(() => vi.restoreAllMocks());

const FIRING = "ZakoProberStale undefined firing";
const RESOLVED = "ZakoProberStale undefined resolved";

/** An Alerter that has heard of its two shards for two minutes. */
const play = (run: (wired: WiredAlerter, monitors: [FakeMonitor, FakeMonitor]) => Promise<void>): Promise<void> =>
  WiredAlerter.run(wiredConfig(["a", "b"], 2), async (wired) => {
    const monitors: [FakeMonitor, FakeMonitor] = [new FakeMonitor(wired, 0), new FakeMonitor(wired, 1)];
    await wired.minutes(2, ...monitors);
    await run(wired, monitors);
  });

describe("a shard that does not report", () => {
  it("is stale once it has been silent for minutes in which the Alerter was awake, and until it reports", () =>
    play(async (wired, [first, second]) => {
      await wired.minutes(2, first);
      expect(wired.messages).toEqual([]);
      await wired.minutes(8, first);
      expect(wired.messages).toEqual([FIRING]);
      await wired.minutes(2, first, second);
      expect(wired.messages).toEqual([FIRING, RESOLVED]);
    }));

  it("is not stale because the Alerter slept or the clock jumped, however often the Alerter is woken then", () =>
    play(async (wired, [first, second]) => {
      wired.now += 30 * MINUTE;
      for (let wakes = 0; wakes < 8; wakes++) {
        wired.now += 5_000;
        await wired.core.wake();
      }
      expect(wired.messages).toEqual([]);
      await wired.minutes(5, first, second);
      expect(wired.messages).toEqual([]);
    }));
});
