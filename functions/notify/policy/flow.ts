import { getOrInsert } from "../../lib/get-or-insert.ts";
import type { DecideContext, Notice, Stage, Staged, Suppressed } from "./stage.ts";
import type { Suppression } from "./suppression.ts";

/** Items on their way through the stages, and what each stage has answered. */
export class Flow<Item> {
  readonly items: readonly Item[];
  readonly results: readonly Staged<unknown>[];
  readonly #context: DecideContext;

  constructor(items: readonly Item[], context: DecideContext, results: readonly Staged<unknown>[] = []) {
    this.items = items;
    this.results = results;
    this.#context = context;
  }

  through<Out>(stage: Stage<Item, Out>): Flow<Out> {
    const result = stage(this.items, this.#context);
    return new Flow(result.passed, this.#context, [...this.results, result]);
  }

  /** The same with another context for the stages that follow. */
  under(context: DecideContext): Flow<Item> {
    return new Flow(this.items, context, this.results);
  }
}

/** Who is not notified and why, by alert, and when to look again. */
export interface Suppressions {
  suppressed: ReadonlyMap<string, readonly Suppression[]>;
  /** Epoch ms; Infinity: never. */
  nextAt: number;
}

/** Why others are not notified, by alert. Where a receiver is notified by another way, that one was suppressed is no news. */
export function suppressionsOf(
  early: readonly Staged<unknown>[],
  late: readonly Staged<unknown>[],
  notices: readonly Notice[],
): Suppressions {
  const suppressed = new Map<string, Suppression[]>();
  let nextAt = Math.min(...[...early, ...late].map((result) => result.nextAt ?? Number.POSITIVE_INFINITY));
  const add = ({ alertKey, isRecovering: _, ...suppression }: Suppressed): void => {
    getOrInsert(suppressed, alertKey, (): Suppression[] => []).push(suppression);
    nextAt = Math.min(nextAt, suppression.until ?? nextAt);
  };
  const muted = early.flatMap((result) => result.suppressed);
  const passed = muted.length === 0 ? undefined : new Set(notices.map(({ key, receiver }) => `${key} ${receiver}`));
  for (const one of muted) if (passed?.has(`${one.alertKey} ${one.receiver}`) !== true) add(one);
  for (const result of late) for (const one of result.suppressed) add(one);
  return { suppressed, nextAt };
}
