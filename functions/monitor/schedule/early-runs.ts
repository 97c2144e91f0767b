import type { Config } from "../../model/config.ts";
import { FEW_CALLS } from "../../model/probing/postpone.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";
import type { Target } from "../../model/probing/target.ts";
import type { ProbeKind } from "../../probe/kind.ts";

/** A probe of which nothing has been heard yet. */
export interface NeverRun {
  target: string;
  probe: string;
}

/** So many calls a tick makes for them beside those that are due, at most: what is left of `FEW_CALLS`. */
const EARLY_CALLS = 10;
/** From as many due calls on, which only the paid plan can make, a tick may grow by half. */
const MANY_CALLS = 100;

/** Early runs that are remembered while nothing has come of them; beyond, the oldest is forgotten and run early again. */
const MOST_GIVEN = 1_000;

/**
 * Probes that have never run are run soon, and not an interval later: a new target is known within minutes, and so is
 * one that comes to another shard. Each is run early once; if nothing comes of it, its turn will come.
 */
export class EarlyRuns {
  #neverRun: readonly NeverRun[];
  #given: Set<string>;

  /** `given`: as an earlier life of the Monitor stored it. */
  constructor(neverRun: readonly NeverRun[] = [], given: readonly string[] = []) {
    this.#neverRun = neverRun;
    this.#given = new Set(given);
  }

  /** Takes what the last judgement had heard nothing of. */
  note(neverRun: readonly NeverRun[]): void {
    this.#neverRun = neverRun;
    if (this.#given.size === 0) return;
    const waiting = new Set(neverRun.map(keyOf));
    this.#given = new Set([...this.#given].filter((key) => waiting.has(key)).slice(-MOST_GIVEN));
  }

  /** The early runs that nothing has come of yet, to be stored: an evicted Monitor must not run them again each tick. */
  get given(): readonly string[] {
    return [...this.#given];
  }

  /**
   * The targets, with only those of their probes that shall run now; `due` are the runs of the slot as it is, `waiting`
   * those that it has no room for.
   */
  take(
    { targets, vantages }: Pick<Config, "targets" | "vantages">,
    kinds: ReadonlyMap<string, Pick<ProbeKind, "calls" | "schedule">>,
    due: readonly Pick<ProbeTask, "target" | "plan">[],
    waiting: readonly NeverRun[] = [],
  ): Target[] {
    if (this.#neverRun.length === 0) return [];
    const callsOf = (plan: ProbeTask["plan"]): number => kinds.get(plan.kind)?.calls(plan.options) ?? 1;
    const dueCalls = due.reduce((sum, { plan }) => sum + callsOf(plan), 0);
    const isFew = dueCalls <= FEW_CALLS;
    let left =
      dueCalls >= MANY_CALLS ? dueCalls / 2 : isFew ? Math.min(EARLY_CALLS, FEW_CALLS - dueCalls) : EARLY_CALLS;
    const isDue = new Set([...due.map(({ target, plan }) => `${target.name} ${plan.kind}`), ...waiting.map(keyOf)]);
    const byName = new Map(targets.map((target) => [target.name, target]));
    const chosen = new Map<string, Target>();
    for (const one of this.#neverRun) {
      const { target: name, probe } = one;
      const target = byName.get(name);
      const plan = target?.probes.find(({ kind }) => kind === probe);
      const key = keyOf(one);
      if (target === undefined || plan === undefined || isDue.has(key) || this.#given.has(key)) continue;
      const runs = kinds.get(probe)?.schedule === "every" ? vantages.length : 1;
      left -= runs * callsOf(plan);
      // The first is run whatever it costs, or one that costs more than there ever is would wait for its turn; but not
      // where the calls of the free plan are enough for all else.
      if (left < 0 && (chosen.size > 0 || isFew)) break;
      this.#given.add(key);
      chosen.set(name, { ...target, probes: [...(chosen.get(name)?.probes ?? []), plan] });
    }
    return [...chosen.values()];
  }
}

const keyOf = ({ target, probe }: NeverRun): string => `${target} ${probe}`;
