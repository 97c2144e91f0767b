import type { Scenario } from "../scenario.ts";
import { DENSE, MINUTE, WARM_UP_MS } from "../script.ts";
import { configOf, documentOf, overrideOf, SIX } from "../watch-config.ts";
import * as faults from "../zako/fault.ts";

const HOUR = 60 * MINUTE;
const BOUNDS = { detectionMs: 75_000, overMs: 70_000, durationErrorMs: 80_000 };
const SHIPPED = (): ReturnType<typeof configOf> => configOf({ targets: 1 });
const MONTH = { days: 4, smallDays: 2 };
const DOWN = { refused: faults.refused, hangs: faults.hangs };
const LONG = { gapMs: [50 * MINUTE, 2 * HOUR], durationMs: [18 * MINUTE, 70 * MINUTE] } as const;

/** What people do. */
export const PEOPLE: readonly Scenario[] = [
  {
    ...MONTH,
    days: 6,
    name: "silences",
    about: "Half of the outages fall into silences, some of which end before the outage does.",
    bounds: BOUNDS,
    config: SHIPPED,
    play: (script) => {
      for (const { atMs, forMs } of script.times(DENSE)) {
        script.outage("zako-0", atMs, forMs, faults.refused, "refused");
        if (script.random.chance(0.5))
          script.silence(
            "zako-0",
            atMs - 5 * MINUTE,
            Math.round(forMs * script.random.between(0.5, 2)) + 6 * MINUTE,
            false,
          );
      }
    },
  },
  {
    ...MONTH,
    days: 7,
    name: "maintenance",
    about: "Planned work takes the target down, and it is up again in time.",
    bounds: BOUNDS,
    config: SHIPPED,
    play: (script) => {
      for (const { atMs, forMs } of script.times(DENSE)) {
        const isPlanned = script.random.chance(0.5);
        script.outage("zako-0", atMs, forMs, faults.refused, isPlanned ? "planned" : "refused");
        if (isPlanned) script.silence("zako-0", atMs - 5 * MINUTE, forMs + 10 * MINUTE, true);
      }
    },
  },
  {
    ...MONTH,
    days: 8,
    name: "acknowledged",
    about: "Most pages are acknowledged within minutes; the manager hears only of those that are not.",
    bounds: BOUNDS,
    config: SHIPPED,
    play: (script) => {
      script.outages("zako-0", LONG, DOWN);
      script.acknowledges(0.7, [MINUTE, 10 * MINUTE]);
    },
  },
  {
    ...MONTH,
    days: 5,
    name: "escalations",
    about: "Outages end around the minute in which the manager would be called: nobody is woken after the mend.",
    bounds: BOUNDS,
    config: SHIPPED,
    play: (script) =>
      script.outages("zako-0", { gapMs: [45 * MINUTE, 80 * MINUTE], durationMs: [14 * MINUTE, 19 * MINUTE] }, DOWN),
  },
  {
    ...MONTH,
    name: "deployments",
    about: "Deployments in the midst of outages, a rollback now and then.",
    bounds: { detectionMs: 160_000, overMs: 150_000, durationErrorMs: 200_000 },
    config: SHIPPED,
    play: (script) => {
      const configs = [0, 1, 2].map((i) => configOf({ targets: 1, targetKeys: { token_budget_per_day: 1_000 + i } }));
      for (const { atMs, forMs } of script.times(DENSE)) {
        script.outage("zako-0", atMs, forMs, faults.refused, "refused");
        script.deploy(Math.round(atMs + script.random.between(-0.3, 1.3) * forMs), script.random.pick(configs));
      }
    },
  },
  {
    days: 3,
    smallDays: 1,
    name: "resharding",
    about: "The number of shards changes in the midst of outages: no page is lost or repeated.",
    // A Monitor that is new to a target has no record of it: an outage ends for it with its first run that finds the target
    // well, a minute after the old one was replaced, which takes up to 20 s. Of a group with one cause it may end only then,
    // when the others' end has been told: that is a third message.
    bounds: { detectionMs: 170_000, overMs: 170_000, durationErrorMs: 250_000, endErrorMs: 90_000, messages: 3 },
    config: () => configOf({ targets: 3, probes: SIX }),
    play: (script) => {
      const configs = [1, 2, 3].map((shards) => configOf({ targets: 3, probes: SIX, shards }));
      for (const { atMs, forMs } of script.times(DENSE)) {
        for (const target of script.targets)
          if (script.random.chance(0.6)) script.outage(target, atMs, forMs, faults.refused, "refused");
        script.deploy(Math.round(atMs + script.random.between(-0.2, 1.2) * forMs), script.random.pick(configs));
      }
    },
  },
  {
    ...MONTH,
    name: "config-pushes",
    about: "Overrides are pushed into KV and taken back in the midst of outages; KV answers what is old.",
    bounds: { detectionMs: 140_000, overMs: 120_000, durationErrorMs: 160_000 },
    config: SHIPPED,
    play: (script) => {
      let at = 0;
      for (const { atMs, forMs } of script.times(DENSE)) {
        script.outage("zako-0", atMs, forMs, faults.refused, "refused");
        const pushAtMs = Math.round(atMs + script.random.between(-0.3, 1.3) * forMs);
        const document = script.random.chance(0.3)
          ? null
          : documentOf({ targets: 1, keys: { health: { interval: script.random.pick(["1m", "2m", "5m"]) } } });
        script.push(pushAtMs, overrideOf(script.world.config, document, 1_893_456_000_000 + ++at));
      }
    },
  },
  {
    days: 8,
    smallDays: 1,
    name: "targets-come-and-go",
    about:
      "Targets are added, renamed and removed while they are down: each page ends, and each new name pages by itself.",
    bounds: { detectionMs: 200_000, overMs: 150_000, durationErrorMs: 300_000, endErrorMs: 75_000 },
    config: () => configOf({ targets: ["main", "before"], probes: SIX }),
    play: (script) => {
      const before = configOf({ targets: ["main", "before"], probes: SIX });
      const after = configOf({ targets: ["main", "after"], probes: SIX });
      let isBefore = true;
      for (const { atMs, forMs } of script.times({ gapMs: [HOUR, 2 * HOUR], durationMs: [20 * MINUTE, 50 * MINUTE] })) {
        const changeAtMs = Math.round(atMs + forMs / 2);
        const [old, next] = isBefore ? ["before", "after"] : ["after", "before"];
        script.outage(old as string, atMs, changeAtMs - atMs, faults.refused, "renamed");
        // The server is down under its new name as well.
        script.outage(next as string, changeAtMs, atMs + forMs - changeAtMs, faults.refused, "new name");
        script.deploy(changeAtMs, isBefore ? after : before);
        isBefore = !isBefore;
        if (script.random.chance(0.5)) script.outage("main", atMs + 2 * MINUTE, forMs, faults.hangs, "beside");
      }
    },
  },
  {
    days: 8,
    smallDays: 1,
    name: "first-minute",
    about: "A target is dead from the first minute that it is watched.",
    bounds: { detectionMs: 200_000, overMs: 80_000, durationErrorMs: 200_000, endErrorMs: 75_000 },
    config: () => configOf({ targets: ["main"], probes: SIX }),
    play: (script) => {
      let names = ["main"];
      let count = 0;
      for (const { atMs, forMs } of script.times({ gapMs: [HOUR, 2 * HOUR], durationMs: [10 * MINUTE, 40 * MINUTE] })) {
        const name = `new-${count++}`;
        // The old one goes when it has been well for long.
        names = ["main", ...names.filter((one) => one !== "main").slice(-3), name];
        script.deploy(atMs, configOf({ targets: names, probes: SIX }));
        script.outage(name, atMs, forMs, faults.refused, "dead from birth", ["cas.negotiate", "transport.download"]);
      }
    },
  },
];

export { WARM_UP_MS };
