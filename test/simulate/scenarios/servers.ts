import type { Scenario } from "../scenario.ts";
import { DENSE, MINUTE, WARM_UP_MS } from "../script.ts";
import { configOf, SIX } from "../watch-config.ts";
import * as faults from "../zako/fault.ts";

/** An interval, two deadlines and 5 s, for what every critical probe sees: `cas.negotiate` asks each minute. */
const SOON_MS = 75_000;
/** `recoveries` + 1 rechecks of 15 s, and 10 s. */
const OVER_MS = 70_000;
/** An interval at the start, a recheck and a deadline at the end. */
const ERROR_MS = 80_000;
const BOUNDS = { detectionMs: SOON_MS, overMs: OVER_MS, durationErrorMs: ERROR_MS };
const SHIPPED = (): ReturnType<typeof configOf> => configOf({ targets: 1 });
const MONTH = { days: 4, smallDays: 2 };

/** Outages of one target, one after the other, by one of these causes each. */
const dense = (causes: Readonly<Record<string, faults.Fault>>): Scenario["play"] => {
  return (script) => {
    for (const target of script.targets) script.outages(target, DENSE, causes);
  };
};

/** What servers do. Everything else works. */
export const SERVERS: readonly Scenario[] = [
  {
    name: "refused",
    about: "A Zako of today is killed again and again; the shipped defaults watch it.",
    ...MONTH,
    bounds: BOUNDS,
    config: SHIPPED,
    play: dense({ refused: faults.refused }),
  },
  {
    name: "hanging",
    about: "A Zako takes connections and says nothing.",
    ...MONTH,
    bounds: BOUNDS,
    config: SHIPPED,
    play: dense({ hangs: faults.hangs }),
  },
  {
    name: "proxy-unavailable",
    about: "The proxy in front answers that the Zako is unavailable, in three spellings.",
    ...MONTH,
    bounds: BOUNDS,
    config: SHIPPED,
    play: dense({ unavailable: faults.unavailable, badGateway: faults.badGateway, edge: faults.edgeError }),
  },
  {
    name: "any-fault",
    about: "A correct Zako, health included, breaks in every way that there is.",
    ...MONTH,
    offers: "everything",
    // A full disk is seen by uploads alone, every 10 minutes; an address by details, every 5 and without rechecks.
    bounds: { detectionMs: 630_000, overMs: 910_000, durationErrorMs: 1_300_000, endErrorMs: 320_000, messages: 5 },
    config: SHIPPED,
    play: dense({
      refused: faults.refused,
      hangs: faults.hangs,
      unavailable: faults.unavailable,
      fullDisk: faults.fullDisk,
      corrupt: faults.corrupt,
      lying: faults.lyingNegotiate,
      drift: faults.addressDrift,
    }),
  },
  {
    name: "upload-fails-5m",
    about:
      "Uploads fail for 5 minutes at a time, the shipped defaults ask every 10: who got the page soon gets the end.",
    ...MONTH,
    bounds: { detectionMs: 630_000, overMs: OVER_MS, durationErrorMs: 630_000 },
    config: SHIPPED,
    play: (script) => {
      for (const { atMs } of script.times({ gapMs: [40 * MINUTE, 70 * MINUTE], durationMs: [5 * MINUTE, 5 * MINUTE] }))
        script.outage("zako-0", atMs, 5 * MINUTE, faults.uploadFails, "uploadFails");
    },
  },
  {
    name: "full-disk",
    about: "The disk is full for a while: uploads and journeys fail, reads work.",
    ...MONTH,
    days: 6,
    bounds: { detectionMs: 630_000, overMs: OVER_MS, durationErrorMs: 630_000 },
    config: SHIPPED,
    play: (script) =>
      script.outages(
        "zako-0",
        { gapMs: [50 * MINUTE, 90 * MINUTE], durationMs: [15 * MINUTE, 40 * MINUTE] },
        { fullDisk: faults.fullDisk },
      ),
  },
  {
    name: "corrupt",
    about: "Bytes come back that were never stored.",
    ...MONTH,
    bounds: { ...BOUNDS, messages: 2 },
    config: SHIPPED,
    play: dense({ corrupt: faults.corrupt }),
  },
  {
    name: "lying-store",
    about: "NegotiateBlobs denies what the store holds.",
    ...MONTH,
    bounds: BOUNDS,
    config: SHIPPED,
    play: dense({ lying: faults.lyingNegotiate }),
  },
  {
    name: "address-drift",
    about: "Clients are sent to another address. Details are asked every 5 minutes and never between: so is the end.",
    ...MONTH,
    days: 8,
    bounds: { detectionMs: 330_000, overMs: 910_000, durationErrorMs: 610_000, endErrorMs: 320_000 },
    config: SHIPPED,
    play: (script) =>
      script.outages(
        "zako-0",
        { gapMs: [60 * MINUTE, 120 * MINUTE], durationMs: [7 * MINUTE, 40 * MINUTE] },
        { drift: faults.addressDrift },
      ),
  },
  {
    name: "short-restarts",
    about: "Deployments restart the Zako for less than a minute: nobody must hear of the end without the beginning.",
    ...MONTH,
    bounds: BOUNDS,
    config: SHIPPED,
    play: (script) =>
      script.outages(
        "zako-0",
        { gapMs: [20 * MINUTE, 90 * MINUTE], durationMs: [5_000, 50_000] },
        { refused: faults.refused },
      ),
  },
  {
    name: "blobs-lost",
    about: "A restart loses all blobs: what was stored cannot be read, until the next upload is.",
    ...MONTH,
    days: 8,
    bounds: { detectionMs: SOON_MS, overMs: 90_000, durationErrorMs: 100_000 },
    config: SHIPPED,
    play: (script) => {
      for (const { atMs } of script.times({ gapMs: [90 * MINUTE, 150 * MINUTE], durationMs: [MINUTE, MINUTE] })) {
        const zako = script.world.zako("zako-0");
        // It ends when the store takes the next blob, at the latest with the next upload.
        const outage = script.outage("zako-0", atMs, 40 * MINUTE, () => undefined, "blobs lost", ["cas.negotiate"]);
        script.at(atMs, () => {
          zako.loseBlobs();
          zako.onCommit = () => {
            outage.endAt = script.world.clock.at;
            zako.onCommit = () => {};
          };
        });
      }
    },
  },
  {
    name: "three-on-one-front",
    about: "Three targets at one front go down together: one page that names the three.",
    days: 2,
    smallDays: 1,
    bounds: { ...BOUNDS, messages: 3 },
    config: () => configOf({ targets: 3, probes: SIX, front: "shared" }),
    play: (script) => {
      for (const { atMs, forMs } of script.times(DENSE))
        for (const target of script.targets) script.outage(target, atMs, forMs, faults.refused, "front");
    },
  },
  {
    name: "engine-broken",
    about: "A probe that is not critical finds something for hours: a warning, and no page.",
    days: 8,
    smallDays: 1,
    offers: "everything",
    bounds: BOUNDS,
    config: SHIPPED,
    play: (script) => {
      for (const { atMs, forMs } of script.times({
        gapMs: [120 * MINUTE, 200 * MINUTE],
        durationMs: [30 * MINUTE, 180 * MINUTE],
      }))
        script.noise("zako-0", atMs, forMs, faults.engineBroken);
    },
  },
  {
    name: "single-failures",
    about: "One run in 90 minutes gets corrupt data, and the next is well: nobody is paged.",
    days: 8,
    smallDays: 1,
    bounds: BOUNDS,
    config: SHIPPED,
    play: (script) => {
      const isOne = (ask: faults.Ask): boolean => ask.attempt === 0 && ask.at % (90 * MINUTE) < MINUTE;
      // So slow that a page would be out before the run that takes it back.
      script.world.zako("zako-0").slowness = 40;
      script.noise("zako-0", WARM_UP_MS, script.lengthMs, (ask) => (isOne(ask) ? faults.corrupt(ask) : undefined));
    },
  },
  {
    name: "crowded",
    about: "24 targets hang for good and three are well, on a 10 s grid from one place: the outages of the three page.",
    days: 1,
    smallDays: 0.2,
    bounds: { detectionMs: 60_000, overMs: 140_000, durationErrorMs: 200_000, endErrorMs: 90_000, messages: 6 },
    config: () =>
      configOf({
        targets: [...Array.from({ length: 24 }, (_, i) => `hung-${i}`), "well-0", "well-1", "well-2"],
        probes: ["cas.negotiate"],
        keys: { "cas.negotiate": { interval: "10s", timeout: "4500ms" } },
      }),
    play: (script) => {
      // What finds no room is a gap, and said so.
      script.trouble("prober", 0, script.lengthMs);
      for (const target of script.targets) {
        if (target.startsWith("hung")) script.hung(target);
        else
          script.outages(
            target,
            { gapMs: [30 * MINUTE, 60 * MINUTE], durationMs: [4 * MINUTE, 10 * MINUTE] },
            { refused: faults.refused },
          );
      }
    },
  },
  ...thousand(),
];

/** A fleet as the check of the configuration wants it, all of it down at once. */
function thousand(): Scenario[] {
  const at = (fault: faults.Fault, cause: string): Scenario["play"] => {
    return (script) => {
      for (const target of script.targets) script.outage(target, WARM_UP_MS + 20_000, 8 * MINUTE, fault, cause);
    };
  };
  const config = (): ReturnType<typeof configOf> =>
    configOf({
      targets: 1_000,
      probes: ["cas.details", "cas.negotiate", "transport.download", "transport.upload"],
      vantages: ["weur"],
      shards: 10,
      lanes: 6,
      front: "shared",
    });
  const fleet = { days: 0.05, smallDays: 0.05, tailHours: 0.3, config };
  return [
    {
      ...fleet,
      name: "thousand-refused",
      about: "1,000 targets are refused at once: at most three messages to each receiver.",
      bounds: { firstMs: 75_000, detectionMs: 130_000, overMs: 150_000, durationErrorMs: 200_000, messages: 3 },
      play: at(faults.refused, "refused"),
    },
    {
      ...fleet,
      name: "thousand-hanging",
      about: "1,000 targets hang at once: at most three messages to each receiver.",
      bounds: { firstMs: 85_000, detectionMs: 130_000, overMs: 150_000, durationErrorMs: 200_000, messages: 3 },
      play: at(faults.hangs, "hangs"),
    },
  ];
}
