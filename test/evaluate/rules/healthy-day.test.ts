import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { Fleet, type MetricSources, type Size } from "./fleet.ts";

const DAY = 1_440;
const BARE: MetricSources = { diagnostics: false, scrape: false };
const ALL: MetricSources = { diagnostics: true, scrape: true };

/** A day of a fleet that nobody should be told of; `each`: what is normal, but does not come every minute. */
const DAYS: readonly [name: string, sources: MetricSources, size: Partial<Size>, each?: (fleet: Fleet) => void][] = [
  ["today's Zako, from one vantage", BARE, { vantages: ["local"] }],
  ["today's Zako, first watched at noon", BARE, { hour: 12, seed: 2 }],
  ["with diagnostics", { diagnostics: true, scrape: false }, { seed: 3 }],
  ["scraped, without diagnostics", { diagnostics: false, scrape: true }, { hour: 5, seed: 4 }],
  ["with both, from one vantage", ALL, { vantages: ["local"], hour: 9, seed: 5 }],
  ["five targets", ALL, { names: ["a", "b", "c", "d", "e"], seed: 6 }],
  [
    "now and then a run fails",
    ALL,
    { hour: 7, seed: 7 },
    (fleet) => {
      fleet.fate = () => (fleet.chance(0.0005) ? { outcome: "failed", reason: "timeout" } : undefined);
    },
  ],
  [
    "the server is deployed twice",
    ALL,
    { hour: 9, seed: 8 },
    (fleet) => {
      if (fleet.minute === 200 || fleet.minute === 700) fleet.restartServer();
    },
  ],
  [
    "nobody is there by night",
    ALL,
    { seed: 9 },
    (fleet) => {
      fleet.server.connections = () => Math.max(0, Math.round(fleet.daily(20) - 15));
    },
  ],
  [
    "there are hardly any clients",
    ALL,
    { seed: 10 },
    (fleet) => {
      fleet.server.connections = () => Math.round(fleet.daily(1));
    },
  ],
];

test.each(DAYS)("no shipped rule fires within a healthy day: %s", (_name, sources, size, each) =>
  runInDurableObject(env.MONITOR.getByName("healthy"), async (_instance, { storage }) => {
    const fleet = new Fleet(storage, sources, size);
    for (let i = 0; i < DAY; i++) {
      each?.(fleet);
      await fleet.tick();
    }
    expect(fleet.firing()).toEqual([]);
  }),
);

test("a metrics endpoint that is out of reach for an hour is warned of by its probe, and pages nobody", () =>
  runInDurableObject(env.MONITOR.getByName("healthy"), async (_instance, { storage }) => {
    const fleet = new Fleet(storage, ALL);
    await fleet.ticks(60);
    fleet.fate = ({ plan }) => (plan.kind === "scrape" ? { outcome: "failed", reason: "timeout" } : undefined);
    await fleet.ticks(60);
    expect(new Set(fleet.firing())).toEqual(new Set(["ZakoProbeDown"]));
  }));

test("a server that counts in fractions, or beyond all measure, breaks no tick", () =>
  runInDurableObject(env.MONITOR.getByName("healthy"), async (_instance, { storage }) => {
    const fleet = new Fleet(storage, ALL);
    const count = async (many: number): Promise<void> => {
      fleet.server.exceptionsPerMinute = () => many;
      fleet.server.cores = () => many;
      await fleet.ticks(5);
    };
    for (const many of [0.5, 0.25, 1e6]) await count(many);
    expect(fleet.firing()).toContain("ZakoEngineExceptionsSurge");
    // What cannot have happened is refused, and hides nothing.
    for (const many of [2 ** 53, 1e300]) await count(many);
    expect(fleet.firing()).toContain("ZakoEngineExceptionsSurge");
  }));
