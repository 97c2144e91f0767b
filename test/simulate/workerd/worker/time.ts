const realNow = Date.now.bind(Date);
const realSetTimeout = globalThis.setTimeout;
const realClearTimeout = globalThis.clearTimeout;

/** How often a deadline looks at the simulated clock, real ms. */
const LOOK_MS = 5;

interface Timer {
  dueAt: number;
  handle: ReturnType<typeof realSetTimeout>;
}

/**
 * The isolate's time: `Date.now` shows what the script says, and deadlines pass when it says so. Each deadline looks at the
 * clock by a real timer of the Durable Object that set it, since one object's work cannot be resumed from another's.
 */
export class SimulatedTime {
  now = 0;
  readonly #timers = new Set<Timer>();

  install(): void {
    Date.now = () => this.now;
    const set = (run: () => void, afterMs = 0): Timer => {
      const timer: Timer = { dueAt: this.now + afterMs, handle: realSetTimeout(() => look(), LOOK_MS) };
      const look = (): void => {
        if (this.now < timer.dueAt) {
          timer.handle = realSetTimeout(look, LOOK_MS);
          return;
        }
        this.#timers.delete(timer);
        run();
      };
      this.#timers.add(timer);
      return timer;
    };
    const clear = (timer: Timer | undefined): void => {
      if (timer === undefined || !this.#timers.delete(timer)) return;
      realClearTimeout(timer.handle);
    };
    Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
  }

  /** When the next deadline passes, epoch ms. */
  get dueAt(): number | undefined {
    return this.#timers.size === 0 ? undefined : Math.min(...[...this.#timers].map(({ dueAt }) => dueAt));
  }

  /** All objects are gone, and their timers with them. */
  forget(): void {
    this.#timers.clear();
  }

  /** Real epoch ms. */
  readonly real = realNow;

  /** Waits in real time. */
  readonly wait = (durationMs: number): Promise<void> =>
    new Promise((resolve) => void realSetTimeout(resolve, durationMs));
}
