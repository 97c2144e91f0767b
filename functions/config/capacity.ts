import type { Config } from "../model/config.ts";
import { RUNGS } from "../model/ladder.ts";
import type { ProbePlan, Target } from "../model/target.ts";
import { LOCAL_VANTAGE } from "../model/vantage.ts";
import type { ProbeKind } from "../probe/kind.ts";
import { costOf, totalCost } from "./budget.ts";
import type { Issue } from "./issue.ts";

/** The platform opens at most so many connections at once per invocation (Cloudflare's limits page, autumn 2026). */
const CONNECTIONS = 6;
/** A batch must end well within its minute. */
const BATCH_MS = 50_000;
/** One call and its answer across a continent, ms: what the sizing assumes of a healthy target. */
const ROUND_TRIP_MS = 80;
/** Subrequests of one invocation, on the paid and on the free plan (Cloudflare's limits page, autumn 2026). */
const PAID_CALLS = 10_000;
const FREE_CALLS = 50;
/** A Monitor awaits at most so many RegionProbers at once: they are connections too. */
const LANES_AT_ONCE = 6;
const MINUTE_MS = 60_000;

/** What one shard has to do in its busiest minute, and what that takes. Targets are taken as evenly shared. */
export interface Capacity {
  /** Calls a minute of one vantage of one shard, on average over the probes' intervals. */
  callsPerMinute: number;
  /** RegionProbers that one region of one shard needs, when all is well and when all is down. */
  lanes: number;
}

/** The longest that a target keeps connections busy when nothing answers: one deadline per origin, the rest is blocked. */
function downMs(target: Target, kindOf: (plan: ProbePlan) => ProbeKind): number {
  const isOutside = (plan: ProbePlan): boolean => kindOf(plan).rung === "outside";
  const outside = target.probes.filter((plan) => isOutside(plan) && kindOf(plan).calls(plan.options) > 0);
  const inside = target.probes.filter((plan) => !isOutside(plan));
  const deadline = (origin: string): number => {
    const plans = inside.filter(
      (plan) => origin === (kindOf(plan).rung === "transport" ? target.transportUrl : target.casUrl),
    );
    const lowest = RUNGS.find((rung) => plans.some((plan) => kindOf(plan).rung === rung));
    return Math.max(0, ...plans.filter((plan) => kindOf(plan).rung === lowest).map((plan) => plan.timeoutMs));
  };
  const alone = outside.reduce((sum, plan) => sum + plan.timeoutMs, 0);
  return [...new Set([target.casUrl, target.transportUrl])].reduce((sum, origin) => sum + deadline(origin), alone);
}

/** Sizes a configuration: lanes = the most of what outage, round trips and the platform's call limit ask for. */
export function capacityOf(config: Config, kinds: readonly ProbeKind[]): Capacity {
  const byName = new Map(kinds.map((kind) => [kind.kind, kind]));
  const kindOf = (plan: ProbePlan): ProbeKind => {
    const kind = byName.get(plan.kind);
    if (kind === undefined) throw new TypeError(`a plan of an unknown kind of probe: ${plan.kind}`);
    return kind;
  };
  const plans = config.targets.flatMap((target) => target.probes);
  const callsPerMinute = totalCost(plans.map((plan) => costOf(plan, kindOf(plan), 1))).callsPerMinute / config.shards;
  const allDownMs = config.targets.reduce((sum, target) => sum + downMs(target, kindOf), 0) / config.shards;
  const perLaneMs = CONNECTIONS * BATCH_MS;
  const lanes = Math.max(
    1,
    allDownMs / perLaneMs,
    (callsPerMinute * ROUND_TRIP_MS) / perLaneMs,
    callsPerMinute / PAID_CALLS,
  );
  return { callsPerMinute, lanes: Math.ceil(lanes) };
}

/** What will work, but not as well as its owner may think. */
export function capacityWarnings(config: Config, kinds: readonly ProbeKind[]): Issue[] {
  const { callsPerMinute, lanes } = capacityOf(config, kinds);
  const warnings: Issue[] = [];
  const warn = (path: string, message: string): void => void warnings.push({ path: [path], message });
  const perInvocation = (callsPerMinute * config.gridMs) / MINUTE_MS / config.lanes;
  if (!config.local && perInvocation > FREE_CALLS)
    warn(
      "targets",
      `about ${Math.ceil(perInvocation)} calls in one invocation: the free plan allows ${FREE_CALLS}, so this needs the paid plan, fewer targets or longer intervals`,
    );
  const regional = config.vantages[0] !== LOCAL_VANTAGE;
  const usable = regional ? config.lanes : 1;
  if (lanes > usable) {
    const fits = regional ? Math.floor(LANES_AT_ONCE / config.vantages.length) : 1;
    const remedy =
      lanes <= fits
        ? `set \`lanes: ${lanes}\``
        : `set \`shards: ${Math.ceil((config.shards * lanes) / Math.max(1, fits))}\`${fits > 1 ? ` and \`lanes: ${fits}\`` : ""}`;
    warn(
      lanes <= fits ? "lanes" : "shards",
      `with everything down, a slot would not end within its minute and later results would be gaps: ${remedy}`,
    );
  }
  if (config.shards > config.targets.length)
    warn(
      "shards",
      `more shards (${config.shards}) than targets (${config.targets.length}): the surplus has nothing to do; set \`shards: ${config.targets.length}\` or less`,
    );
  return warnings;
}
