import type { Sample } from "../../model/probing/sample.ts";

/** What a slot's evaluation left for later. */
interface Waiting {
  samples: readonly Sample[];
  /** Time before the slot in which evaluations were missed. */
  gapMs: number;
}

/** Targets whose rules wait for their confirmations. Kept in memory only: after a restart the next evaluation decides. */
export class WaitingTargets {
  readonly #waiting = new Map<string, Waiting>();

  /** Time before the slot that a target is evaluated for in which evaluations were missed, ms. */
  gapMsOf(target: string, gapMs: number): number {
    return this.#waiting.get(target)?.gapMs ?? gapMs;
  }

  /**
   * The runs behind an evaluation by target: none of a target that waits, and of one that has waited those before too.
   * `gapMs`: time before the slot in which evaluations were missed.
   */
  next(samples: readonly Sample[], wait: ReadonlySet<string>, gapMs: number): Map<string, Sample[]> {
    const byTarget = Map.groupBy(samples, ({ target }) => target);
    const before = new Map(this.#waiting);
    this.#waiting.clear();
    for (const [target, waited] of before) byTarget.set(target, [...waited.samples, ...(byTarget.get(target) ?? [])]);
    for (const target of wait) {
      const found = byTarget.get(target) ?? [];
      this.#waiting.set(target, { samples: found, gapMs: before.get(target)?.gapMs ?? gapMs });
      byTarget.delete(target);
    }
    return byTarget;
  }
}
