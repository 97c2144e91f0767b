import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, inject, it, vi } from "vitest";
import type { Config } from "../../functions/model/config.ts";
import { placeOfColo } from "../../functions/model/location-hints.ts";
import { proberName } from "../../functions/model/probing/placement.ts";
import { type MonitorParts, type MonitorPlatform, wireMonitor } from "../../functions/monitor/monitor-wiring.ts";
import type { BatchResult } from "../../functions/probe/batch.ts";
import { planOf, targetOf } from "../probe/tasks.ts";
import { reset } from "../zako-control.ts";
import { config, START } from "./world.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  await reset(inject("zakoControl"));
});

const VANTAGES = ["weur", "enam", "apac"];
const health = planOf("health");
const two = ["a", "b"].map((name) => targetOf({ name, probes: [health] }));

/** The real RegionProbers, but that they are not asked where they run: that would leave this machine. */
const realProber: MonitorPlatform["prober"] = (name) => ({
  run: (batch) => env.REGION_PROBER.getByName(`wiring-${proberName(name)}`).run({ ...batch, locates: false }),
});

/** A Monitor as it is deployed: all its parts, with the probers that a test chooses. The clock stands still. */
const play = (of: Config, prober: MonitorPlatform["prober"], run: (parts: MonitorParts) => Promise<void>) =>
  runInDurableObject(env.MONITOR.getByName("monitor:0"), async (_instance, { storage }) => {
    vi.spyOn(Date, "now").mockImplementation(() => START);
    vi.spyOn(console, "log").mockImplementation(() => {});
    const parts = wireMonitor(
      {
        name: "monitor:0",
        storage,
        db: env.DB,
        kv: env.KV,
        secret: () => undefined,
        fetcher: () => undefined,
        secrets: () => [],
        alerter: () => ({
          join: async () => ({ ok: true, generation: 1, sequence: 0, alerts: [] }),
          intake: async ({ resolved }) => ({ ok: true, acknowledged: resolved }),
        }),
        prober,
        lookOf: () => ({ everyMs: 0, concerns: () => false, ask: async () => null }),
      },
      of,
    );
    await run(parts);
  });

/** Attempts of `health` that were counted, of each target, by vantage. */
const attempts = ({ core }: MonitorParts, vantages = VANTAGES): Record<string, number[]> =>
  Object.fromEntries(
    vantages.map((vantage) => [
      vantage,
      two.map(
        ({ name }) =>
          core.head().table.read(name, "zako_v1_probe_attempts_total", { probe: "health", vantage }) as number,
      ),
    ]),
  );

it("asks the prober of each region, and counts what comes from all", async () => {
  await play(config(two, { vantages: VANTAGES, lanes: 2 }), realProber, async (parts) => {
    await parts.wakes.wake(START);
    expect(attempts(parts)).toEqual({ weur: [1, 1], enam: [1, 1], apac: [1, 1] });
  });
});

it("loses only what a region that rejects every batch had to run", async () => {
  const broken: MonitorPlatform["prober"] = (lane) =>
    lane.vantage === "enam" ? { run: () => Promise.reject(new Error("overloaded")) } : realProber(lane);
  await play(config(two, { vantages: VANTAGES }), broken, async (parts) => {
    await parts.wakes.wake(START);
    expect(attempts(parts)).toEqual({ weur: [1, 1], enam: [0, 0], apac: [1, 1] });
    const lost = parts.core.head().table.read("", "zako_watch_lost_results_total", { kind: "gap" });
    expect(lost).toBe(2);
  });
});

it("commits a tick when its samples are in, and not before", async () => {
  let release: (() => void) | undefined;
  const slow: MonitorPlatform["prober"] = (lane) => ({
    run: async (batch): Promise<BatchResult> => {
      if (lane.vantage === "apac") await new Promise<void>((resolve) => (release = resolve));
      return realProber(lane).run(batch);
    },
  });
  await play(config(two, { vantages: VANTAGES }), slow, async (parts) => {
    let isDone = false;
    const tick = parts.wakes.wake(START).then(() => {
      isDone = true;
    });
    await vi.waitFor(() => expect(release).toBeDefined());
    for (let turn = 0; turn < 200; turn++) await Promise.resolve();
    expect(isDone).toBe(false);
    expect(parts.core.head().meta.lastSlot).toBe(0);
    release?.();
    await tick;
    expect(attempts(parts)).toEqual({ weur: [1, 1], enam: [1, 1], apac: [1, 1] });
  });
});

it("exposes where the probers of each region run, and how long runs waited for a connection", async () => {
  const located: MonitorPlatform["prober"] = (name) => ({
    run: async (batch) => ({
      ...(await realProber(name).run(batch)),
      ...(batch.locates === true ? { place: placeOfColo(name.vantage === "apac" ? "LAX" : "FRA") } : {}),
    }),
  });
  await play(config(two, { vantages: ["weur", "apac"] }), located, async (parts) => {
    await parts.wakes.wake(START);
    const { table } = parts.core.head();
    const info = (vantage: string, colo: string, country: string) =>
      table.read("", "zako_watch_vantage_info", { vantage, colo, country });
    expect(info("weur", "FRA", "DE")).toBe(1);
    // The prober that ran in Los Angeles has been replaced, and its successor has not run yet.
    expect(info("apac", "LAX", "US")).toBeUndefined();
    const { columns } = table.blocks.get("")?.layout ?? { columns: [] };
    const queue = columns.find(
      ({ family, labels }) => family === "zako_watch_prober_queue_seconds" && labels === 'vantage="weur"',
    );
    const counts = table.blocks.get("")?.values.subarray(queue?.offset, (queue?.offset ?? 0) + 9) ?? [];
    expect([...counts].reduce((sum, count) => sum + count, 0)).toBe(two.length);

    vi.mocked(Date.now).mockImplementation(() => START + 60_000);
    await parts.wakes.wake(START + 60_000);
    expect(info("apac", "LAX", "US")).toBe(1);
    expect(table.read("", "zako_watch_vantage_misplaced_probers", { vantage: "apac" })).toBe(1);
    // Its samples are of the vantage that was asked for, as ever.
    expect(attempts(parts, ["weur", "apac"])).toEqual({ weur: [2, 2], apac: [2, 2] });
  });
});

it("runs probes in this process where no region is configured, and awaits them", async () => {
  const none = () => expect.unreachable("there is no region");
  await play(config(two), none, async (parts) => {
    await parts.wakes.wake(START);
    expect(attempts(parts, ["local"])).toEqual({ local: [1, 1] });
    expect(parts.core.head().meta.lastSlot).toBe(START);
  });
});
