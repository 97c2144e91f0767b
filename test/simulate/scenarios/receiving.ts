import type { Scenario } from "../scenario.ts";
import { DENSE, MINUTE, type Script } from "../script.ts";
import { configOf } from "../watch-config.ts";
import type { ReceiverMode } from "../world/receivers.ts";
import * as faults from "../zako/fault.ts";

const HOUR = 60 * MINUTE;
/**
 * The first receiver that works hears in time; those that do not are told when they can be. What waited for hours and what
 * is new then are one group: it fires, one outage of it is over and the next has begun, and it is over.
 */
const BOUNDS = { detectionMs: 75_000, overMs: 70_000, durationErrorMs: 80_000, messages: 3 };
const MONTH = { days: 4, smallDays: 2, bounds: BOUNDS, config: () => configOf({ targets: 1 }) };
const HOURS = { gapMs: [30 * MINUTE, 2 * HOUR], durationMs: [10 * MINUTE, 3 * HOUR] } as const;

const unwell =
  (endpoint: string, ...modes: readonly ReceiverMode[]) =>
  (script: Script): void => {
    script.outages("zako-0", DENSE, { refused: faults.refused });
    for (const { atMs, forMs } of script.times(HOURS))
      script.receiver(endpoint, atMs, forMs, script.random.pick(modes));
  };

/** What receivers do. */
export const RECEIVING: readonly Scenario[] = [
  { ...MONTH, name: "receiver-down", about: "A receiver is down for hours.", play: unwell("oncall", { kind: "down" }) },
  {
    ...MONTH,
    name: "receiver-slow",
    about: "A receiver answers slowly, or after the deadline.",
    play: unwell("oncall", { kind: "slow", takesMs: 4_000 }, { kind: "slow", takesMs: 15_000 }),
  },
  {
    ...MONTH,
    name: "receiver-hangs",
    about: "A receiver takes connections and nothing more.",
    play: unwell("team", { kind: "hangs" }),
  },
  {
    ...MONTH,
    name: "receiver-limits",
    about: "A receiver answers 429, and asks for a long wait.",
    play: unwell("oncall", { kind: "answers", status: 429, retryAfterS: 3_600 }, { kind: "answers", status: 429 }),
  },
  {
    ...MONTH,
    name: "receiver-rejects",
    about: "A receiver answers 404 or 500 for hours.",
    play: unwell("oncall", { kind: "answers", status: 404 }, { kind: "answers", status: 500 }),
  },
  {
    ...MONTH,
    name: "receiver-mute",
    about: "A receiver takes messages, and its answers are lost: what nobody can know is said again.",
    play: unwell("team", { kind: "mute" }),
  },
];
