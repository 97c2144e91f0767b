import { MOST_CALLS } from "../../evaluate/verdict/needs-confirmation.ts";
import type { Config } from "../../model/config.ts";
import { CONNECTIONS, laneOf, shardOf } from "../../model/probing/placement.ts";
import { FEW_CALLS } from "../../model/probing/postpone.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";
import type { Target } from "../../model/probing/target.ts";
import { LOCAL_VANTAGE } from "../../model/probing/vantage.ts";
import { type KnownKinds, type PlannedSlot, plannedSlots } from "./planned-slots.ts";

/** What one invocation of a kind makes at most. */
export interface WorstInvocation {
  kind: "cron" | "tick" | "confirmations" | "rechecks" | "alerter";
  /** What it is an invocation of. */
  of: "Worker" | "Monitor" | "RegionProber" | "Alerter";
  /** Calls to the outside world. */
  calls: number;
  /** Calls to Cloudflare's services: objects, KV, D1. */
  inner: number;
}

/** Statements of D1 in one invocation: shipping an hour, and a sweep. */
const D1_CALLS = 4;

/**
 * The most calls that each kind of invocation makes in a week. A tick's are counted slot by slot; those of confirmations
 * and rechecks are bounds that the scheduler keeps. A call that is sent again after a lost connection comes on top. Pure.
 */
export function worstInvocations(
  config: Config,
  kinds: KnownKinds,
  tickCalls = busiestTick(config, kinds),
): WorstInvocation[] {
  const isLocal = config.vantages[0] === LOCAL_VANTAGE;
  const callsOf = (kind: string, options: ProbeTask["plan"]["options"]): number => kinds.get(kind)?.calls(options) ?? 0;
  const lanes = lanesOf(config);
  const probers = isLocal ? 0 : Math.max(0, ...[...shardsOf(config).values()].map((own) => lanesAsked(config, own)));
  const of = isLocal ? "Monitor" : "RegionProber";
  const inner = (calls: number): number => (isLocal ? calls : 0);
  // Reports are sent twice at most, and D1 is written to.
  const atMonitor = 2 + D1_CALLS;
  const perLane = [...lanes.values()];
  const endpoints = config.notify?.receivers.flatMap((receiver) => receiver.endpoints).length ?? 0;
  const heartbeats = config.notify?.heartbeats.length ?? 0;
  return [
    { kind: "cron", of: "Worker", calls: 0, inner: 2 + config.shards },
    { kind: "tick", of, calls: tickCalls, inner: inner(atMonitor) },
    {
      kind: "confirmations",
      of,
      calls: Math.max(0, ...perLane.map((own) => confirmationCalls(own, callsOf))),
      inner: inner(atMonitor),
    },
    {
      kind: "rechecks",
      of,
      calls: Math.max(0, ...perLane.map((own) => recheckCalls(own, callsOf))),
      inner: inner(atMonitor),
    },
    ...(isLocal
      ? []
      : [{ kind: "tick", of: "Monitor", calls: 0, inner: probers + atMonitor } satisfies WorstInvocation]),
    // Many targets that go down together are one message; others have a message each.
    {
      kind: "alerter",
      of: "Alerter",
      calls: heartbeats + endpoints * Math.min(config.targets.length, TOLD_APART),
      inner: 2,
    },
  ];
}

/** From three targets on that go down together they are one message; as many may have had messages of their own. */
const TOLD_APART = 4;

/** The most calls that the runs of one slot make of one lane. */
function busiestTick(config: Config, kinds: KnownKinds): number {
  let most = 0;
  for (const slot of plannedSlots(config, kinds)) most = Math.max(most, busiestLane(slot, config, kinds));
  return most;
}

type CallsOf = (kind: string, options: ProbeTask["plan"]["options"]) => number;

/** The most calls that one lane makes in a slot. */
export function busiestLane({ tasks }: PlannedSlot, { lanes, vantages }: Config, kinds: KnownKinds): number {
  const calls = new Map<string, number>();
  const isLocal = vantages[0] === LOCAL_VANTAGE;
  for (const { target, plan, vantage } of tasks) {
    const lane = isLocal ? "" : `${vantage}:${laneOf(target.name, lanes)}`;
    calls.set(lane, (calls.get(lane) ?? 0) + (kinds.get(plan.kind)?.calls(plan.options) ?? 0));
  }
  return Math.max(0, ...calls.values());
}

const shardsOf = ({ targets, shards }: Config): Map<number, Target[]> =>
  Map.groupBy(targets, ({ name }) => shardOf(name, shards));

/** Targets by the invocation that asks them. */
function lanesOf(config: Config): Map<string, Target[]> {
  const lanes = config.vantages[0] === LOCAL_VANTAGE ? 1 : config.lanes;
  return Map.groupBy(config.targets, ({ name }) => `${shardOf(name, config.shards)}:${laneOf(name, lanes)}`);
}

const lanesAsked = ({ vantages, lanes }: Config, targets: readonly Target[]): number =>
  vantages.length * new Set(targets.map(({ name }) => laneOf(name, lanes))).size;

/** All that may be confirmed, as far as it is; or as many runs as are always made; and the roots of those targets. */
function confirmationCalls(targets: readonly Target[], callsOf: CallsOf): number {
  const all = targets.flatMap(({ probes }) => probes.map(({ kind, options }) => callsOf(kind, options)));
  const sum = all.reduce((total, one) => total + one, 0);
  const always = largest(all, CONNECTIONS);
  return Math.min(sum, Math.max(MOST_CALLS, always) + Math.min(targets.length, MOST_CALLS));
}

/** What `planRechecks` lets through, and the root of each target. */
function recheckCalls(targets: readonly Target[], callsOf: CallsOf): number {
  const all = targets.flatMap(({ probes }) => probes.map(({ kind, options }) => callsOf(kind, options)));
  const sum = all.reduce((total, one) => total + one, 0);
  const pending = largest(all, CONNECTIONS);
  return Math.min(sum, Math.max(FEW_CALLS - targets.length, pending + targets.length) + targets.length);
}

const largest = (all: readonly number[], count: number): number =>
  all
    .toSorted((a, b) => b - a)
    .slice(0, count)
    .reduce((total, one) => total + one, 0);
