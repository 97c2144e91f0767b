import { spread } from "../../lib/spread.ts";
import { CONNECTIONS, laneOf, slotRoomMs } from "../../model/probing/placement.ts";
import { FEW_CALLS as FREE_CALLS } from "../../model/probing/postpone.ts";
import type { Schedule } from "../../model/probing/probe-task.ts";
import { FIRST_RECHECK, LAST_ATTEMPT } from "../../model/probing/recheck.ts";
import type { Vantage } from "../../model/probing/vantage.ts";
import type { NamedRun } from "../../store/monitor-meta.ts";
import { type FailingProbe, isBad } from "./failing-probes.ts";

/** What rechecks are planned from. */
export interface RecheckFacts {
  /** Start of the slot that was run last, epoch ms, and the last attempt that was made of it. */
  slot: number;
  attempt: number;
  gridMs: number;
  vantages: readonly Vantage[];
  lanes: number;
  failing: readonly FailingProbe[];
  /** Runs that are due at once, since the root of their group is well again. */
  pending: readonly NamedRun[];
  /** Connection time that rechecks of this slot have taken of the busiest lane. */
  usedMs: number;
  timeoutOf: (run: NamedRun) => number;
  /** The most calls that a run of `pending` makes. */
  callsOfRun: (run: NamedRun) => number;
  scheduleOf: (kind: string) => Schedule;
  /** The most calls that one run makes. */
  callsOf: (plan: FailingProbe["plan"]) => number;
  /** Whether the target's budgets allow a recheck, with those that were chosen before. */
  isAffordable: (probe: FailingProbe, chosen: readonly FailingProbe[]) => boolean;
}

/** Why a failing probe is not rechecked now. */
type LeftOut = "not due" | "its root fails" | "no budget" | "few calls" | "no room" | "the slot ends";

/** What is rechecked now, and when to ask again; without `at` the next slot comes first. */
export interface RecheckPlan {
  /** Epoch ms; not before `now`. */
  at?: number;
  attempt: number;
  runs: NamedRun[];
  left: { target: string; probe: string; why: LeftOut }[];
}

/** Rechecks end so long before the next slot, results on their way and the commit included: they never delay it. */
export const RECHECK_MARGIN_MS = 750;
/** What falls due within this is taken along. */
const TOGETHER_MS = 250;
/** Calls that rechecks make of one lane at once: above, and the free plan's 50 are in sight, only the cheapest are made. */
const FEW_CALLS = 30;

/**
 * Decides which failing probes to ask again between slots, and when. A slot has precedence: a recheck is made only where
 * its deadline ends before the next one. Together they take at most half of a lane's room; those that were asked longest
 * ago come first. Pure.
 */
export function planRechecks(facts: RecheckFacts, now: number): RecheckPlan {
  const { slot, gridMs, failing, pending } = facts;
  const attempt = Math.max(FIRST_RECHECK, facts.attempt + 1);
  const plan: RecheckPlan = { attempt, runs: [], left: [] };
  const isIdle = failing.length === 0 && pending.length === 0;
  if (isIdle || now < slot || now >= slot + gridMs || attempt > LAST_ATTEMPT) return plan;
  const room = new Room(facts, now);
  for (const run of pending) if (room.take([run], facts.callsOfRun(run))) plan.runs.push(run);
  const known = new Set(plan.runs.map(nameOf));
  const few = fewCalls(facts);
  const chosen: FailingProbe[] = [];
  for (const probe of inTurn(facts)) {
    const { target, plan: asked } = probe;
    const leave = (why: LeftOut): void => void plan.left.push({ target: target.name, probe: asked.kind, why });
    if (probe.isRootFailing) leave("its root fails");
    else if (few !== undefined && !few.has(probe)) leave("few calls");
    else if (!facts.isAffordable(probe, chosen)) leave("no budget");
    else {
      const dueAt = dueAtOf(probe, now);
      if (dueAt + asked.timeoutMs > room.endAt) leave("the slot ends");
      else if (dueAt > now + TOGETHER_MS) {
        leave("not due");
        if (!room.isUsedUp) plan.at = Math.min(plan.at ?? dueAt, dueAt);
      } else {
        const runs = runsOf(probe, facts, now).filter((run) => !known.has(nameOf(run)));
        if (!room.take(runs, facts.callsOf(asked))) leave("no room");
        else {
          chosen.push(probe);
          plan.runs.push(...runs);
        }
      }
    }
  }
  return plan.runs.length === 0 ? plan : { ...plan, at: now };
}

const nameOf = ({ target, probe, vantage }: NamedRun): string => `${target}\n${probe}\n${vantage}`;

/** A clock that was ahead must not put a recheck off. */
const dueAtOf = ({ plan, verdict: { askedAt } }: FailingProbe, now: number): number =>
  askedAt > now ? now : Math.max(now, askedAt + plan.recheckMs);

/** Turns of this share of a circle spread evenly, however many there are. */
const GOLDEN = 0.618034;

/**
 * Critical probes first, then those that were asked longest ago. A slot of its own asks many at once: among equals it
 * begins elsewhere in each slot, so that where only some find room none always waits.
 */
function inTurn({ failing, slot, gridMs }: RecheckFacts): readonly FailingProbe[] {
  if (failing.length < 2) return failing;
  const first = Math.floor((((slot / gridMs) * GOLDEN) % 1) * failing.length);
  return [...failing.slice(first), ...failing.slice(0, first)].sort(
    (a, b) => Number(b.plan.critical) - Number(a.plan.critical) || a.verdict.askedAt - b.verdict.askedAt,
  );
}

/**
 * The probes that may be rechecked where calls are short: of each target the cheapest critical one that fails, and all
 * once that has had a good run. Undefined where calls are not short.
 */
function fewCalls({ failing, vantages, lanes, callsOf }: RecheckFacts): ReadonlySet<FailingProbe> | undefined {
  const calls = new Map<number, number>();
  for (const { target, plan } of failing) {
    const lane = vantages.length > 1 || lanes > 1 ? laneOf(target.name, lanes) : 0;
    calls.set(lane, (calls.get(lane) ?? 0) + callsOf(plan));
  }
  if (Math.max(0, ...calls.values()) <= FEW_CALLS) return undefined;
  const some = new Set<FailingProbe>();
  for (const own of Map.groupBy(failing, ({ target }) => target.name).values()) {
    const byCost = own
      .filter(({ isRootFailing }) => !isRootFailing)
      .toSorted((a, b) => callsOf(a.plan) - callsOf(b.plan));
    const cheapest = byCost.find(({ plan }) => plan.critical) ?? byCost[0];
    if (cheapest === undefined) continue;
    for (const probe of isBad(cheapest.verdict) ? [cheapest] : byCost) some.add(probe);
  }
  return some;
}

/**
 * From where a probe is rechecked: from all vantages where each is asked every time, from those that see it failing where
 * only they do, and from one, another one each time, where they take turns.
 */
function runsOf(probe: FailingProbe, { vantages, scheduleOf }: RecheckFacts, now: number): NamedRun[] {
  const { target, plan, verdict, failingFrom } = probe;
  const isEverywhere = verdict.incidentOpen || isBad(verdict);
  const some = isEverywhere ? vantages : vantages.filter((vantage) => failingFrom.includes(vantage));
  const asked = some.length === 0 ? vantages : some;
  const turn = (Math.floor(now / plan.recheckMs) + spread(`${plan.kind}\n${target.name}`, asked.length)) % asked.length;
  const from = scheduleOf(plan.kind) === "every" ? asked : asked.slice(turn, turn + 1);
  return from.map((vantage) => ({ target: target.name, probe: plan.kind, vantage, role: "sole" }));
}

/** What rechecks take of one lane. */
interface LaneRoom {
  usedMs: number;
  calls: number;
  free: number[];
}

/** What is left of the lanes for rechecks of this slot. */
class Room {
  /** When the last recheck must have ended, epoch ms. */
  readonly endAt: number;
  readonly #facts: RecheckFacts;
  readonly #now: number;
  /** Connection time that one lane may still take. */
  readonly #leftMs: number;
  /** Calls that one lane may make, the roots of the groups included: those of the free plan, where they can be enough. */
  readonly #mostCalls: number;
  readonly #lanes = new Map<string, LaneRoom>();

  constructor(facts: RecheckFacts, now: number) {
    this.#facts = facts;
    this.#now = now;
    this.endAt = facts.slot + facts.gridMs - RECHECK_MARGIN_MS;
    this.#leftMs = (slotRoomMs(facts.gridMs) * CONNECTIONS) / 2 - facts.usedMs;
    const targets = new Set([
      ...facts.failing.map(({ target }) => target.name),
      ...facts.pending.map((run) => run.target),
    ]);
    const pendingCalls = facts.pending.reduce((sum, run) => sum + facts.callsOfRun(run), 0);
    const cheapest = [...Map.groupBy(facts.failing, ({ target }) => target.name).values()].reduce(
      (sum, own) => sum + Math.min(...own.map(({ plan }) => facts.callsOf(plan))),
      0,
    );
    this.#mostCalls = Math.max(FREE_CALLS - targets.size, pendingCalls + cheapest);
  }

  /** Rechecks of this slot have taken all that they may. */
  get isUsedUp(): boolean {
    return this.#leftMs <= 0;
  }

  /** Takes room for all runs or for none, as if each took its whole timeout and made so many calls. */
  take(runs: readonly NamedRun[], callsEach: number): boolean {
    const changed = new Map<string, LaneRoom>();
    for (const run of runs) {
      const name = `${run.vantage}:${laneOf(run.target, this.#facts.lanes)}`;
      const lane = changed.get(name) ?? this.#lanes.get(name) ?? { usedMs: 0, calls: 0, free: this.#empty() };
      const timeoutMs = this.#facts.timeoutOf(run);
      const free = [...lane.free];
      const line = free.indexOf(Math.min(...free));
      free[line] = (free[line] as number) + timeoutMs;
      const usedMs = lane.usedMs + timeoutMs;
      const calls = lane.calls + callsEach;
      if (usedMs > this.#leftMs || (free[line] as number) > this.endAt || calls > this.#mostCalls) return false;
      changed.set(name, { usedMs, calls, free });
    }
    for (const [name, lane] of changed) this.#lanes.set(name, lane);
    return true;
  }

  #empty(): number[] {
    return new Array<number>(CONNECTIONS).fill(this.#now);
  }
}
