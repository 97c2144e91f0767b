import { formatDuration } from "../../lib/duration.ts";
import { MINUTE_MS } from "../../lib/time-units.ts";
import type { Config } from "../../model/config.ts";
import { CONNECTIONS, LANES_AT_ONCE } from "../../model/probing/placement.ts";
import { LOCAL_VANTAGE } from "../../model/probing/vantage.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import { historySize } from "../cost/history-size.ts";
import { callBreaches, type PlanBreach, sizeBreaches } from "../cost/judge-plan.ts";
import { PRICES } from "../cost/prices.ts";
import { worstInvocations } from "../cost/worst-minute.ts";
import type { Issue } from "../issue.ts";
import { costOf, totalCost } from "./budget.ts";
import { capacityRemedies, formatRemedies } from "./capacity-remedies.ts";
import { busiestOfLane, busiestSlot, fits, type LoadProfile, profileOf, type SlotLoad } from "./slot-load.ts";

/** Share of a slot that a batch may take while all is well. */
const HEALTHY_SHARE = 5 / 6;
/** One call and its answer across a continent, ms: what the sizing assumes of a healthy target. */
const ROUND_TRIP_MS = 80;
/** Calls of one invocation that the paid and the free plan allow. */
const PAID_CALLS = PRICES.paid.invocation.calls;
const FREE_CALLS = PRICES.free.invocation.calls;
/** Larger fleets need the paid plan for other reasons, and every minute of theirs takes long to count. */
const FEW_TARGETS = 100;
const MOST_LANES = 64;

/** What one shard has to do, and what that takes. */
export interface Capacity {
  /** Calls a minute of one vantage of one shard, on average over the probes' intervals; targets evenly shared. */
  callsPerMinute: number;
  /** RegionProbers that one region of one shard needs, when all is well and when all is down. */
  lanes: number;
  /** The busiest slot when all is down. */
  load: SlotLoad;
}

interface Sized extends Capacity {
  profile: LoadProfile;
}

/** Sizes a configuration: lanes = the most of what outage, round trips and the platform's call limit ask for. */
export const capacityOf = (config: Config, kinds: readonly ProbeKind[]): Capacity => sizeOf(config, kinds);

function sizeOf(config: Config, kinds: readonly ProbeKind[]): Sized {
  const { gridMs, shards, targets } = config;
  const byName = new Map(kinds.map((kind) => [kind.kind, kind]));
  const plans = targets.flatMap((target) => target.probes);
  const costs = plans.map((plan) => {
    const kind = byName.get(plan.kind);
    if (kind === undefined) throw new TypeError(`a plan of an unknown kind of probe: ${plan.kind}`);
    return costOf(plan, kind, 1);
  });
  const callsPerMinute = totalCost(costs).callsPerMinute / shards;
  const callsPerSlot = (callsPerMinute * gridMs) / MINUTE_MS;
  const healthy = Math.max(
    (callsPerSlot * ROUND_TRIP_MS) / (CONNECTIONS * HEALTHY_SHARE * gridMs),
    callsPerSlot / PAID_CALLS,
  );
  const profile = profileOf(config, byName);
  const whole = busiestOfLane(profile, shards, 1);
  let lanes = Math.max(1, Math.ceil(healthy), fits(whole) ? 1 : Math.floor(whole.runMs / whole.roomMs));
  while (lanes < MOST_LANES && !fits(busiestOfLane(profile, shards, lanes))) lanes++;
  return { callsPerMinute, lanes: Math.min(MOST_LANES, lanes), load: busiestSlot(profile, config), profile };
}

/** Settings that work, but not as well as their owner may think. */
export function capacityWarnings(config: Config, kinds: readonly ProbeKind[]): Issue[] {
  const { callsPerMinute, lanes, load, profile } = sizeOf(config, kinds);
  const warnings: Issue[] = [];
  const warn = (path: string, message: string): void => void warnings.push({ path: [path], message });
  if (!config.local) for (const { path, message } of planWarnings(config, kinds, callsPerMinute)) warn(path, message);
  if (!fits(load)) {
    const remedies = capacityRemedies(config, profile, new Map(kinds.map((kind) => [kind.kind, kind])));
    warn(remedies.at(-1)?.path ?? "targets", `${tooMuch(load, config.gridMs)}: ${formatRemedies(remedies)}`);
  } else if (lanes > (isRegional(config) ? config.lanes : 1)) {
    const most = isRegional(config) ? Math.floor(LANES_AT_ONCE / config.vantages.length) : 1;
    const [path, value] =
      lanes <= most ? ["lanes", lanes] : ["shards", Math.ceil((config.shards * lanes) / Math.max(1, most))];
    warn(
      `${path}`,
      `about ${Math.ceil((callsPerMinute * config.gridMs) / MINUTE_MS)} calls in a slot of ${formatDuration(config.gridMs)} take longer than the slot even on healthy targets, so later results would be gaps: set \`${path}: ${value}\``,
    );
  }
  if (config.shards > config.targets.length)
    warn(
      "shards",
      `${config.shards} shards for ${config.targets.length} ${config.targets.length === 1 ? "target" : "targets"}: the extra shards have nothing to do; set \`shards: ${config.targets.length}\` or less`,
    );
  return warnings;
}

/** What breaks a plan: too many calls in the worst minute, or more history than a database holds. */
function planWarnings(config: Config, all: readonly ProbeKind[], callsPerMinute: number): PlanBreach[] {
  const kinds = new Map(all.map((kind) => [kind.kind, kind]));
  const sizes = sizeBreaches("paid", historySize(config, kinds, PRICES.paid.databaseBytes));
  const perInvocation = (callsPerMinute * config.gridMs) / MINUTE_MS / config.lanes;
  if (config.targets.length <= FEW_TARGETS)
    return [...callBreaches(config, kinds, "free", worstInvocations(config, kinds)), ...sizes];
  if (perInvocation <= FREE_CALLS) return sizes;
  const message = `one invocation makes about ${Math.ceil(perInvocation)} calls, but the free plan allows ${FREE_CALLS}: use the paid plan, fewer targets or longer intervals`;
  return [{ path: "targets", message }, ...sizes];
}

const isRegional = ({ vantages }: Pick<Config, "vantages">): boolean => vantages[0] !== LOCAL_VANTAGE;

const seconds = (ms: number): string => `${Math.floor(ms / 100) / 10} s`;

/** What does not fit into the slot, with its numbers. */
function tooMuch({ origins, timeoutMs, runMs, confirmMs, roomMs }: SlotLoad, gridMs: number): string {
  const slot = `a slot of ${seconds(gridMs)} has room for ${seconds(roomMs)}, so later results would be gaps`;
  if (origins === 1)
    return `a run with a timeout of ${seconds(timeoutMs)} and its confirmation take ${seconds(runMs + confirmMs)}; ${slot}`;
  return `if nothing answers, ${origins} origins with timeouts of ${seconds(timeoutMs)} need ${seconds(runMs)} of ${CONNECTIONS} connections, and ${seconds(confirmMs)} more to confirm; ${slot}`;
}
