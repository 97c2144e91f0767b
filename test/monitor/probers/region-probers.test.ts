import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { DAY_MS, MINUTE_MS } from "../../../functions/lib/time-units.ts";
import type { Config } from "../../../functions/model/config.ts";
import { type Place, placeOfColo } from "../../../functions/model/location-hints.ts";
import { type ProberName, proberName } from "../../../functions/model/probing/placement.ts";
import type { WatchEvent } from "../../../functions/model/watch-event.ts";
import { RegionProbers } from "../../../functions/monitor/probers/region-probers.ts";
import { countPlaces } from "../../../functions/monitor/tick/count-probers.ts";
import { allFamilies, wantedSeries } from "../../../functions/monitor/tick/wanted-series.ts";
import type { Batch } from "../../../functions/probe/batch-request.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { ProberStore } from "../../../functions/store/prober-store.ts";
import { SeriesTable } from "../../../functions/store/series/series-table.ts";
import { config, KINDS, START, target } from "../world.ts";

const BATCH: Batch = { tasks: [], installation: "test", timeoutMs: 20_000 };

/** Where the platform puts objects, and which batches they got. */
class Platform {
  now = START;
  readonly asked: string[] = [];
  readonly events: WatchEvent[] = [];
  readonly #storage: DurableObjectStorage;
  readonly #colo: (name: ProberName) => string | undefined;

  constructor(storage: DurableObjectStorage, colo: (name: ProberName) => string | undefined) {
    this.#storage = storage;
    this.#colo = colo;
  }

  /** A new life of a Monitor. */
  probers(shard = 0, locates = true): RegionProbers {
    return new RegionProbers({
      store: new ProberStore(this.#storage),
      shard,
      locates,
      now: () => this.now,
      log: (event) => this.events.push(event),
      object: (name) => ({
        run: async ({ locates: asks }) => {
          this.asked.push(`${proberName(name)}${asks === true ? " where" : ""}`);
          const colo = asks === true ? this.#colo(name) : undefined;
          const place: Place | undefined = colo === undefined ? undefined : placeOfColo(colo);
          return { samples: [], lost: [], ...(place === undefined ? {} : { place }) };
        },
      }),
    });
  }
}

const play = (colo: (name: ProberName) => string | undefined, run: (platform: Platform) => Promise<void>) =>
  runInDurableObject(env.MONITOR.getByName("monitor:0"), (_instance, { storage }) => run(new Platform(storage, colo)));

const lane = (vantage: string, index = 0) => ({ vantage, index, tasks: [] });

it("shares no prober between shards, lanes or vantages", async () => {
  await play(
    () => "FRA",
    async (platform) => {
      for (const shard of [0, 1])
        for (const index of [0, 1]) await platform.probers(shard, false).of(lane("weur", index)).run(BATCH);
      expect(platform.asked).toEqual(["weur:s0:l0:g1", "weur:s0:l1:g1", "weur:s1:l0:g1", "weur:s1:l1:g1"]);
    },
  );
});

it("asks a prober where it runs once a day, whatever lives the Monitor has", async () => {
  await play(
    () => "FRA",
    async (platform) => {
      for (let minute = 0; minute < 3; minute++) {
        await platform.probers().of(lane("weur")).run(BATCH);
        platform.now += MINUTE_MS;
      }
      platform.now = START + DAY_MS;
      await platform.probers().of(lane("weur")).run(BATCH);
      expect(platform.asked).toEqual(["weur:s0:l0:g1 where", "weur:s0:l0:g1", "weur:s0:l0:g1", "weur:s0:l0:g1 where"]);
      expect(platform.events).toEqual([
        { event: "prober", vantage: "weur", lane: 0, generation: 1, colo: "FRA", country: "DE", change: "seen" },
      ]);
    },
  );
});

it("says that one runs elsewhere, and makes the next generation, once a day, across restarts", async () => {
  await play(
    ({ generation }) => (generation < 3 ? "LAX" : "SIN"),
    async (platform) => {
      for (let minute = 0; minute <= (2 * DAY_MS) / MINUTE_MS; minute += 60) {
        platform.now = START + minute * MINUTE_MS;
        await platform.probers().of(lane("apac")).run(BATCH);
      }
      expect(
        platform.events.map((event) => event.event === "prober" && [event.change, event.generation, event.colo]),
      ).toEqual([
        ["remade", 2, "LAX"],
        ["misplaced", 2, "LAX"],
        ["remade", 3, "LAX"],
        ["seen", 3, "SIN"],
      ]);
      expect(new Set(platform.asked.map((one) => one.split(" ")[0]))).toEqual(
        new Set(["apac:s0:l0:g1", "apac:s0:l0:g2", "apac:s0:l0:g3"]),
      );
      expect(platform.probers().seen(["apac"], 1)).toEqual([
        { vantage: "apac", place: { colo: "SIN", country: "SG" }, isMisplaced: false },
      ]);
    },
  );
});

it("takes nothing that a batch of a replaced prober says for its successor", async () => {
  await play(
    () => "LAX",
    async (platform) => {
      const probers = platform.probers();
      const [first, second] = [probers.of(lane("apac")), probers.of(lane("apac"))];
      await first.run(BATCH);
      await second.run(BATCH);
      expect(platform.events).toHaveLength(1);
      expect(probers.seen(["apac"], 1)).toEqual([]);
    },
  );
});

it("asks nobody on a laptop", async () => {
  await play(
    () => expect.unreachable(),
    async (platform) => {
      await platform.probers(0, false).of(lane("weur")).run(BATCH);
      expect(platform.asked).toEqual(["weur:s0:l0:g1"]);
    },
  );
});

it("exposes where the probers are, only where they still are, and under the same vantage", () => {
  const watched: Config = config([target("one")], { vantages: ["weur", "apac"], lanes: 2 });
  const table = new SeriesTable(allFamilies(PROBE_KINDS));
  table.reconcile(wantedSeries(watched, KINDS), START);
  const shown = (family: string) =>
    (table.blocks.get("")?.layout.columns ?? [])
      .filter((column) => column.family === family)
      .map(({ labels, offset }) => `${labels} ${table.blocks.get("")?.values[offset]}`);
  const at = (vantage: string, colo: string, isMisplaced = false) => ({
    vantage,
    place: placeOfColo(colo),
    isMisplaced,
  });

  expect(shown("zako_watch_vantage_info")).toEqual([]);
  countPlaces(
    table,
    watched,
    [at("weur", "FRA"), at("weur", "AMS"), at("apac", "LAX", true), at("apac", "LAX", true)],
    START,
  );
  expect(shown("zako_watch_vantage_info").sort()).toEqual([
    'vantage="apac",colo="LAX",country="US" 1',
    'vantage="weur",colo="AMS",country="NL" 1',
    'vantage="weur",colo="FRA",country="DE" 1',
  ]);
  expect(shown("zako_watch_vantage_misplaced_probers")).toEqual(['vantage="apac" 2', 'vantage="weur" 0']);
  const { structure } = table;
  countPlaces(table, watched, [at("weur", "FRA"), at("weur", "AMS"), at("apac", "LAX", true)], START);
  expect(table.structure).toBe(structure);
  countPlaces(table, watched, [at("weur", "FRA"), at("apac", "SIN")], START);
  expect(shown("zako_watch_vantage_info").sort()).toEqual([
    'vantage="apac",colo="SIN",country="SG" 1',
    'vantage="weur",colo="FRA",country="DE" 1',
  ]);
  expect(shown("zako_watch_vantage_misplaced_probers")).toEqual(['vantage="apac" 0', 'vantage="weur" 0']);
});
