import type { Config } from "../../functions/model/config.ts";
import type { Scenario } from "./scenario.ts";
import { HOUR, MINUTE, type Script, WARM_UP_MS } from "./script.ts";
import { configOf, SIX } from "./watch-config.ts";
import { Random } from "./world/random.ts";
import type { ReceiverMode } from "./world/receivers.ts";
import * as faults from "./zako/fault.ts";

const FAULTS = {
  refused: faults.refused,
  hangs: faults.hangs,
  unavailable: faults.unavailable,
  badGateway: faults.badGateway,
  corrupt: faults.corrupt,
  lying: faults.lyingNegotiate,
} as const;
const MODES = ["down", "slow", "hangs", "mute", "429", "404", "500"] as const;
const TARGETS = ["a", "b", "c"] as const;

/** One thing that happens, as plain data, so that it can be printed and kept. Times in ms, since the start. */
export type Happening =
  | { what: "outage"; target: string; fault: keyof typeof FAULTS; atMs: number; forMs: number }
  | { what: "receiver"; endpoint: string; mode: (typeof MODES)[number]; atMs: number; forMs: number }
  | { what: "silence"; target: string; atMs: number; forMs: number; maintenance: boolean }
  | { what: "shards"; shards: number; atMs: number }
  | { what: "database down"; atMs: number; forMs: number }
  | { what: "death"; points: number; atMs: number };

/** What the scripts of all seeds promise. */
const BOUNDS = {
  detectionMs: 200_000,
  overMs: 180_000,
  durationErrorMs: 260_000,
  endErrorMs: 120_000,
  messages: 12,
};

const MODE: Readonly<Record<(typeof MODES)[number], ReceiverMode>> = {
  down: { kind: "down" },
  slow: { kind: "slow", takesMs: 12_000 },
  hangs: { kind: "hangs" },
  mute: { kind: "mute" },
  429: { kind: "answers", status: 429, retryAfterS: 600 },
  404: { kind: "answers", status: 404 },
  500: { kind: "answers", status: 500 },
};

/** What happens within so many hours, by a seed. Outages of one target do not touch each other. */
export function happeningsOf(seed: number, hours: number): Happening[] {
  const random = new Random(seed * 104_729 + 3);
  const happenings: Happening[] = [];
  const at = (): number => WARM_UP_MS + Math.round(random.next() * (hours * HOUR - 2 * WARM_UP_MS));
  for (const target of TARGETS) {
    let atMs = WARM_UP_MS + random.whole(0, 90) * MINUTE;
    while (atMs < (hours - 1) * HOUR) {
      const forMs = random.whole(2 * 60, 30 * 60) * 1_000;
      const fault = random.pick(Object.keys(FAULTS) as (keyof typeof FAULTS)[]);
      happenings.push({ what: "outage", target, fault, atMs, forMs });
      atMs += forMs + random.whole(25, 180) * MINUTE;
    }
  }
  for (let i = 0; i < hours / 4; i++) {
    happenings.push({ what: "shards", shards: random.whole(1, 3), atMs: at() });
    happenings.push({ what: "death", points: random.whole(1, 40), atMs: at() });
    const mode = random.pick(MODES);
    const endpoint = random.pick(["team", "oncall", "manager"]);
    happenings.push({ what: "receiver", endpoint, mode, atMs: at(), forMs: random.whole(5, 100) * MINUTE });
  }
  for (let i = 0; i < hours / 8; i++) {
    const target = random.pick(TARGETS);
    const maintenance = random.chance(0.5);
    happenings.push({ what: "silence", target, atMs: at(), forMs: random.whole(10, 60) * MINUTE, maintenance });
    happenings.push({ what: "database down", atMs: at(), forMs: random.whole(10, 200) * MINUTE });
  }
  return happenings.sort((a, b) => a.atMs - b.atMs);
}

/** A scenario in which these things happen. */
export const scenarioOf = (name: string, about: string, happenings: readonly Happening[], hours: number): Scenario => ({
  name,
  about,
  days: hours / 24,
  smallDays: hours / 24,
  bounds: BOUNDS,
  config: () => sharded(1),
  play: (script) => {
    for (const happening of happenings) happen(script, happening);
  },
});

const sharded = (shards: number): Config => configOf({ targets: TARGETS, probes: SIX, shards });

function happen(script: Script, one: Happening): void {
  switch (one.what) {
    case "outage":
      script.outage(one.target, one.atMs, one.forMs, FAULTS[one.fault], one.fault);
      break;
    case "receiver":
      script.receiver(one.endpoint, one.atMs, one.forMs, MODE[one.mode]);
      break;
    case "silence":
      script.silence(one.target, one.atMs, one.forMs, one.maintenance);
      break;
    case "shards":
      script.deploy(one.atMs, sharded(one.shards));
      break;
    case "database down":
      script.databaseDown(one.atMs, one.forMs);
      break;
    case "death":
      script.death(one.atMs, one.points);
      break;
  }
}
