import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { SampleBacklog } from "../../functions/store/history/history-backlog.ts";
import { sampleKey, tick } from "../store/history/samples.ts";
import { samplesInHistory } from "./history/ship-world.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** The Monitor of a shard that the configuration has no more, with samples in history's backlog from some hours ago. */
const play = (
  hoursAgo: number,
  run: (alarm: () => Promise<void>, storage: DurableObjectStorage, keys: string[]) => Promise<void>,
): Promise<void> =>
  runInDurableObject(env.MONITOR.getByName("monitor:1"), async (monitor, { storage }) => {
    vi.spyOn(console, "log").mockImplementation(() => {});
    const slot = Math.floor(Date.now() / HOUR) * HOUR - hoursAgo * HOUR;
    const samples = tick(slot, 2);
    new SampleBacklog(storage).append("1:1", samples);
    await run(() => monitor.alarm(), storage, samples.map(sampleKey).sort());
    vi.restoreAllMocks();
  });

it("hands over what history has not taken yet, and is not woken again", async () => {
  await play(2, async (alarm, storage, keys) => {
    await alarm();
    expect((await samplesInHistory()).map(sampleKey).sort()).toEqual(keys);
    expect(new SampleBacklog(storage).hours()).toEqual([]);
    expect(await storage.getAlarm()).toBeNull();
  });
});

it("keeps an hour that is not over, and comes back for it: the shard may be wanted again", async () => {
  await play(0, async (alarm, storage) => {
    await alarm();
    expect(new SampleBacklog(storage).hours()).toHaveLength(1);
    expect(await storage.getAlarm()).not.toBeNull();
  });
});

it("comes back within ten minutes while history takes nothing", async () => {
  await play(2, async (alarm, storage) => {
    await env.DB.exec("ALTER TABLE history RENAME TO away");
    await alarm();
    expect(new SampleBacklog(storage).hours()).not.toEqual([]);
    const inMs = ((await storage.getAlarm()) ?? 0) - Date.now();
    expect(inMs).toBeGreaterThan(9 * MINUTE);
    expect(inMs).toBeLessThanOrEqual(10 * MINUTE);
  });
});
