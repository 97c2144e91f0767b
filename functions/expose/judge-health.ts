/** What is known of one Monitor's ticks. */
export interface MonitorHealth {
  /** Start of the newest slot whose tick was committed, epoch ms; undefined before the first. */
  lastSlot?: number;
  /** When the Monitor was first woken, epoch ms; undefined if it never was. */
  since?: number;
  /** Its own grid, where an override has changed it. */
  gridMs?: number;
}

/** Health of probing, and how it is known. */
export interface HealthJudgement {
  /** `starting`: no tick yet, and it is too early for one. `silent`: a Monitor gave no answer. */
  status: "ok" | "starting" | "stale" | "silent";
  /** Of the Monitor that is furthest behind, epoch ms. */
  lastSlot?: number;
  ageMs?: number;
  /** One or two sentences: what was seen, and what to do. */
  why: string;
}

/** Grid slots after which a tick is missed: a tick may take all of its slot, and one may be lost without harm. */
const SLOTS_UNTIL_STALE = 2.5;

const WHAT_TO_DO = "Check that the cron trigger is deployed, and check the Worker's logs.";

/** The worst Monitor decides: nobody watches the targets of a stalled shard. */
export function judgeHealth(
  monitors: readonly (MonitorHealth | undefined)[],
  deployedGridMs: number,
  now: number,
): HealthJudgement {
  const silent = monitors.filter((m) => m === undefined).length;
  if (silent > 0 || monitors.length === 0)
    return {
      status: "silent",
      why: `${silent} of ${monitors.length} ${monitors.length === 1 ? "Monitor" : "Monitors"} did not answer. Check the Worker's logs.`,
    };

  const known = monitors as readonly MonitorHealth[];
  const gridMs = Math.max(...known.map((m) => m.gridMs ?? deployedGridMs));
  const limitMs = SLOTS_UNTIL_STALE * gridMs;
  const ticked = known.flatMap((m) => (m.lastSlot === undefined ? [] : [m.lastSlot]));
  const lastSlot = ticked.length === 0 ? undefined : Math.min(...ticked);
  const age = lastSlot === undefined ? {} : { lastSlot, ageMs: Math.max(0, now - lastSlot) };

  const waits = known.filter((m) => m.lastSlot === undefined).map((m) => now - (m.since ?? Number.NEGATIVE_INFINITY));
  const waitedMs = Math.max(...waits);
  if (waitedMs > limitMs)
    return { status: "stale", ...age, why: `No tick has been committed yet${shardsIn(waits, known)}. ${WHAT_TO_DO}` };
  if (age.ageMs !== undefined && age.ageMs > limitMs) {
    const due = `ticks are due every ${seconds(gridMs)}`;
    return { status: "stale", ...age, why: `The last tick was ${seconds(age.ageMs)} ago; ${due}. ${WHAT_TO_DO}` };
  }
  if (waits.length > 0)
    return {
      status: "starting",
      ...age,
      why: `Starting: the first tick${shardsIn(waits, known)} has not been committed yet.`,
    };
  return { status: "ok", ...age, why: `The last tick was ${seconds(age.ageMs ?? 0)} ago.` };
}

const shardsIn = (some: readonly unknown[], all: readonly unknown[]): string =>
  all.length === 1 ? "" : ` by ${some.length} of ${all.length} Monitors`;

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
