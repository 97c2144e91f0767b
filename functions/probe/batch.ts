import { Semaphore } from "../lib/semaphore.ts";
import { type GroupPlace, type Ladder, ladder } from "../model/ladder.ts";
import type { Order } from "../model/order.ts";
import type { Sample } from "../model/sample.ts";
import { blockedBy, blocksRest } from "./ladder.ts";
import { findKind } from "./registry.ts";
import { type RunDeps, runOrder } from "./run.ts";

/** Connections that one Worker invocation may have open at once (platform law). */
export const MAX_AT_ONCE = 6;

/** What a batch needs besides its orders. */
export interface BatchDeps extends Omit<RunDeps, "signal"> {
  /** How long the whole batch may take; what has not ended by then is aborted and lost. */
  readonly timeoutMs: number;
  /** Told of each sample as soon as it is there. */
  readonly onSample?: (sample: Sample) => void;
}

/** A run without a result: a gap, not a failure. */
export type LostRun = Pick<Sample, "target" | "probe" | "vantage" | "slot" | "attempt">;

export interface BatchResult {
  readonly samples: readonly Sample[];
  readonly lost: readonly LostRun[];
}

/**
 * Runs orders, at most six at once, each ladder from its root. All roots are admitted before what follows them, so that
 * every origin is asked even where many are dead. Returns by its own deadline, whatever the runs do.
 */
export async function runBatch(orders: readonly Order[], deps: BatchDeps): Promise<BatchResult> {
  const batch = new Batch(deps);
  await batch.run(ladder(orders, placeOf));
  const samples = [...batch.samples.values()];
  return { samples, lost: orders.filter((order) => !batch.samples.has(order)).map(lostRun) };
}

/** A kind that this version does not know stands last: it is skipped, and must not decide for others. */
const placeOf = (kind: string): GroupPlace => findKind(kind) ?? { rung: "inside" };

const lostRun = ({ target, plan, vantage, slot, attempt }: Order): LostRun => ({
  target: target.name,
  probe: plan.kind,
  vantage,
  slot,
  attempt,
});

class Batch {
  readonly samples = new Map<Order, Sample>();
  readonly #deps: BatchDeps;
  readonly #ending = new AbortController();
  readonly #slots = new Semaphore(MAX_AT_ONCE);
  /** Tokens handed out during the batch, by target. */
  readonly #tokens = new Map<string, string>();

  constructor(deps: BatchDeps) {
    this.#deps = deps;
  }

  async run(all: readonly Ladder[]): Promise<void> {
    const { promise: late, resolve: end } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      this.#ending.abort();
      end();
    }, this.#deps.timeoutMs);
    try {
      await Promise.race([Promise.all(all.map((one) => this.#climb(one))), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #climb({ root, rest }: Ladder): Promise<void> {
    const first = await this.#take(root);
    if (first === undefined) return;
    if (blocksRest(first)) {
      for (const order of rest) this.#keep(order, blockedBy(first, order, this.#now()));
      return;
    }
    const [minting, others] = this.#needsToken(root)
      ? split(rest, (order) => order.plan.kind === "cas.details")
      : [[], rest];
    await Promise.all(minting.map((order) => this.#take(order)));
    await Promise.all(others.map((order) => this.#take(order)));
  }

  /** Whether transfers would be skipped for want of a token: then what fetches one goes before them. */
  #needsToken({ target, memory }: Order): boolean {
    return target.transportAuth !== undefined && memory.token === undefined && !this.#tokens.has(target.name);
  }

  #take(order: Order): Promise<Sample | undefined> {
    return this.#slots.run(async () => {
      if (this.#ending.signal.aborted) return undefined;
      const sample = await runOrder(this.#withToken(order), { ...this.#deps, signal: this.#ending.signal });
      return this.#keep(order, sample);
    });
  }

  #withToken(order: Order): Order {
    const token = this.#tokens.get(order.target.name);
    return token === undefined ? order : { ...order, memory: { ...order.memory, token } };
  }

  /** Takes a sample in, unless the batch is over: then nobody may see it any more. */
  #keep(order: Order, sample: Sample): Sample | undefined {
    if (this.#ending.signal.aborted) return undefined;
    this.samples.set(order, sample);
    if (sample.memory?.token !== undefined) this.#tokens.set(order.target.name, sample.memory.token);
    this.#deps.onSample?.(sample);
    return sample;
  }

  #now(): number {
    return (this.#deps.now ?? Date.now)();
  }
}

function split<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
