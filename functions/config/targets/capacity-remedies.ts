import { formatDuration } from "../../lib/duration.ts";
import type { Config } from "../../model/config.ts";
import { LANES_AT_ONCE } from "../../model/probing/placement.ts";
import { LOCAL_VANTAGE } from "../../model/probing/vantage.ts";
import { gridOf } from "./grid.ts";
import { busiestSlot, fits, type LoadProfile, profileOf } from "./slot-load.ts";

/** One change that makes everything fit into its slot. */
export interface Remedy {
  /** The key of the document. */
  path: "timeout" | "interval" | "lanes" | "shards";
  /** What to set. */
  text: string;
}

/** Timeouts and intervals that people would write, in the order in which they are tried. */
const TIMEOUTS_MS = [30, 25, 20, 15, 10, 8, 6, 5, 4.5, 4, 3.5, 3, 2.5, 2, 1.5, 1, 0.5].map((s) => s * 1_000);
const INTERVALS_MS = [20, 30, 60, 120, 300, 600].map((s) => s * 1_000);
const MOST_SHARDS = 256;
/** Numbers of shards that are tried: a fleet of thousands needs some time for each. */
const MOST_TRIES = 40;

/** Every single setting that is enough by itself; empty where none is. The last one is blamed. */
export function capacityRemedies(
  config: Config,
  profile: LoadProfile,
  kinds: Parameters<typeof profileOf>[1],
): readonly Remedy[] {
  const isRegional = config.vantages[0] !== LOCAL_VANTAGE;
  const timeoutMs = TIMEOUTS_MS.find((ms) => fits(busiestSlot(profile, config, ms)));
  const intervalMs = INTERVALS_MS.find((ms) => fits(busiestSlot(profileOf(spacedOut(config, ms), kinds), config)));
  const mostLanes = isRegional ? Math.floor(LANES_AT_ONCE / config.vantages.length) : 0;
  const lanes = numbers(config.lanes + 1, mostLanes).find((n) => fits(busiestSlot(profile, { ...config, lanes: n })));
  // More shards than targets have nothing to do.
  const first = Math.max(config.shards + 1, atLeast(config, profile));
  const shards = numbers(first, Math.min(MOST_SHARDS, config.targets.length, first + MOST_TRIES)).find((n) =>
    fits(busiestSlot(profile, { ...config, shards: n })),
  );
  return [
    ...(timeoutMs === undefined
      ? []
      : [{ path: "timeout", text: `\`timeout\` to at most ${formatDuration(timeoutMs)}` } as const]),
    ...(intervalMs === undefined
      ? []
      : [{ path: "interval", text: `\`interval\` to at least ${formatDuration(intervalMs)}` } as const]),
    ...(shards === undefined || lanes !== undefined
      ? []
      : [{ path: "shards", text: `\`shards: ${shards}\`` } as const]),
    ...(lanes === undefined ? [] : [{ path: "lanes", text: `\`lanes: ${lanes}\`` } as const]),
  ];
}

/** The remedies as the end of a sentence. */
export const formatRemedies = (remedies: readonly Remedy[]): string =>
  remedies.length === 0
    ? "watch fewer targets, or set a shorter `timeout` and more `shards`"
    : `set ${remedies.map(({ text }) => text).join(", or ")}`;

/** Below this many shards it cannot fit: the work of all of them, evenly shared, fills their slots. */
function atLeast(config: Config, profile: LoadProfile): number {
  const { runMs, roomMs } = busiestSlot(profile, config);
  return Math.floor((config.shards * runMs) / roomMs);
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

/** The configuration with no interval shorter than this, on the grid that it then has. */
function spacedOut({ targets }: Config, leastMs: number): Pick<Config, "gridMs" | "targets"> {
  const spaced = targets.map((target) => ({
    ...target,
    probes: target.probes.map((plan) => ({ ...plan, intervalMs: Math.max(leastMs, plan.intervalMs) })),
  }));
  return { gridMs: gridOf(spaced), targets: spaced };
}
