import { setImmediate as macrotask } from "node:timers/promises";
import type { Deadline } from "../../../functions/lib/deadline.ts";

/** Something that happens at a time; `cancel` takes it back. */
export interface Planned {
  cancel(): void;
}

interface Entry extends Planned {
  at: number;
  sequence: number;
  run: (() => void) | undefined;
}

/**
 * Simulated time: a queue of what happens next. Between two events everything that was woken runs until it waits again,
 * so the code under test takes no time but what the script gives it.
 */
export class Clock {
  /** True time, epoch ms: the ledger's. */
  at: number;
  /** What the platform's clock is ahead of true time, ms. */
  #aheadMs = 0;
  #sequence = 0;
  readonly #heap: Entry[] = [];
  readonly #stepped: (() => void)[] = [];
  /** Work outside of simulated time, such as a digest of the platform's: the next event waits for it. */
  #outside = 0;
  #allInside: () => void = () => {};

  constructor(startAt: number) {
    this.at = startAt;
  }

  /** What the platform's clock shows, epoch ms. */
  readonly now = (): number => Math.floor(this.at) + this.#aheadMs;

  /** Sets the platform's clock forward, or back with a negative number. */
  step(byMs: number): void {
    this.#aheadMs += byMs;
    for (const tell of this.#stepped) tell();
  }

  onStep(tell: () => void): void {
    this.#stepped.push(tell);
  }

  /** True time of what the platform's clock shows. */
  trueTimeOf(shown: number): number {
    return shown - this.#aheadMs;
  }

  /** Runs something at a true time; at once where that has passed. */
  plan(at: number, run: () => void): Planned {
    const entry: Entry = {
      at: Math.max(at, this.at),
      sequence: this.#sequence++,
      run,
      cancel: () => {
        entry.run = undefined;
      },
    };
    push(this.#heap, entry);
    return entry;
  }

  sleep(durationMs: number): Promise<void> {
    return new Promise((resolve) => void this.plan(this.at + durationMs, resolve));
  }

  readonly startDeadline = (timeoutMs: number): Deadline & Disposable => {
    const controller = new AbortController();
    const timer = this.plan(this.at + timeoutMs, () => controller.abort());
    return { at: this.now() + timeoutMs, signal: controller.signal, [Symbol.dispose]: () => timer.cancel() };
  };

  /**
   * Awaits work that real time does, such as a stream's: the next event waits for it, but for what it does `inside` of
   * simulated time.
   */
  async outside<T>(
    work: (inside: <U>(wait: () => Promise<U>, signal: AbortSignal) => Promise<U>) => Promise<T>,
  ): Promise<T> {
    this.#outside++;
    try {
      return await work(async (wait, signal) => {
        let isInside = true;
        this.#leaveOutside();
        const leave = (): void => {
          if (isInside) this.#outside++;
          isInside = false;
        };
        signal.addEventListener("abort", leave);
        try {
          return await wait();
        } finally {
          signal.removeEventListener("abort", leave);
          leave();
        }
      });
    } finally {
      this.#leaveOutside();
    }
  }

  /** Lets everything happen until a true time. */
  async runUntil(endAt: number): Promise<void> {
    await this.#settle();
    for (let next = this.#heap[0]; next !== undefined && next.at <= endAt; next = this.#heap[0]) {
      pop(this.#heap);
      if (next.run === undefined) continue;
      this.at = next.at;
      next.run();
      await this.#settle();
    }
    this.at = Math.max(this.at, endAt);
  }

  #leaveOutside(): void {
    if (--this.#outside === 0) this.#allInside();
  }

  async #settle(): Promise<void> {
    await macrotask();
    while (this.#outside > 0) {
      await new Promise<void>((resolve) => {
        this.#allInside = resolve;
      });
      await macrotask();
    }
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.sequence < b.sequence);

function push(heap: Entry[], entry: Entry): void {
  let i = heap.push(entry) - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!isBefore(entry, heap[parent] as Entry)) break;
    heap[i] = heap[parent] as Entry;
    i = parent;
  }
  heap[i] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry, heap[child] as Entry)) child++;
    if (!isBefore(heap[child] as Entry, last)) break;
    heap[i] = heap[child] as Entry;
    i = child;
  }
  heap[i] = last;
}
