import type { Config } from "../../model/config.ts";
import { dueRuns } from "../../model/probing/due-runs.ts";
import { EMPTY_MEMORY } from "../../model/probing/memory.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import type { StoredSample } from "../../store/history/sample-block.ts";
import type { ReplayTick } from "./replay.ts";

/** Slots in which something was due of which nothing is stored: nobody ran them, or nobody has kept what they brought. */
export interface Gaps {
  slots: number;
  /** Stretches of such slots. */
  stretches: number;
  /** The longest stretch; start of its first slot, epoch ms, and how many slots it has. */
  longest: { at: number; slots: number };
}

/**
 * Makes one shard's ticks of its samples. History has no row for a slot in which nothing was due; it was run all the
 * same, and the tick is made without samples. A slot in which something was due is a gap, and is not evaluated.
 */
export class TickMaker {
  readonly #config: Pick<Config, "gridMs" | "vantages" | "targets">;
  readonly #kinds: ReadonlyMap<string, ProbeKind>;
  readonly #startOf: (target: string) => number;
  /** The slot after the last one that was made; undefined before the first. */
  #next: number | undefined;
  /** Missed slots up to `#next`. */
  #stretch = { at: 0, slots: 0 };
  #gaps: Gaps = { slots: 0, stretches: 0, longest: { at: 0, slots: 0 } };

  /** `config`: what was probed, and how often. `startOf`: since when each target was, epoch ms. */
  constructor(
    config: Pick<Config, "gridMs" | "vantages" | "targets">,
    kinds: ReadonlyMap<string, ProbeKind>,
    startOf: (target: string) => number,
  ) {
    this.#config = config;
    this.#kinds = kinds;
    this.#startOf = startOf;
  }

  get gaps(): Gaps {
    return this.#gaps;
  }

  /** The ticks up to the last of these samples, which come after all before; of any order among themselves. */
  *ticks(samples: readonly StoredSample[]): Generator<ReplayTick> {
    const { gridMs } = this.#config;
    const bySlot = Map.groupBy(samples, ({ slot }) => slot);
    for (const slot of [...bySlot.keys()].sort((a, b) => a - b)) {
      for (let idle = this.#next ?? slot; idle < slot; idle += gridMs) {
        if (this.#isIdle(idle)) yield { slot: idle, attempt: 0, samples: [] };
        else this.#miss(idle);
      }
      const byAttempt = Map.groupBy(bySlot.get(slot) ?? [], ({ attempt }) => attempt);
      // A confirmation has a slot of its own only where the run that it confirms was not kept.
      for (const attempt of [...byAttempt.keys()].sort((a, b) => a - b))
        yield { slot, attempt, samples: byAttempt.get(attempt) ?? [] };
      // On the grid, whatever grid the samples were taken on.
      this.#next = Math.floor(slot / gridMs) * gridMs + gridMs;
    }
  }

  #isIdle(slot: number): boolean {
    const scheduleOf = (kind: string) => this.#kinds.get(kind)?.schedule ?? "every";
    const targets = this.#config.targets.filter(({ name }) => this.#startOf(name) <= slot);
    const config = { ...this.#config, targets };
    return dueRuns({ config, scheduleOf, memoryOf: () => EMPTY_MEMORY, slot }).length === 0;
  }

  #miss(slot: number): void {
    const goesOn = this.#stretch.at + this.#stretch.slots * this.#config.gridMs === slot;
    this.#stretch = goesOn ? { ...this.#stretch, slots: this.#stretch.slots + 1 } : { at: slot, slots: 1 };
    const { slots, stretches, longest } = this.#gaps;
    this.#gaps = {
      slots: slots + 1,
      stretches: stretches + (goesOn ? 0 : 1),
      longest: this.#stretch.slots > longest.slots ? this.#stretch : longest,
    };
  }
}
