/**
 * A world whose clock stands still between I/O, as the platform's does: `now` shows when the newest I/O ended, whatever has
 * been computed since. Only what is here takes time.
 */
export class FrozenClock {
  #trueMs = 1_000;
  #shownMs = 1_000;
  readonly #events: { at: number; happen: () => void }[] = [];

  /** What the code sees, epoch ms. */
  readonly now = (): number => this.#shownMs;

  /** The true time, epoch ms. */
  get at(): number {
    return this.#trueMs;
  }

  /** Computes for so long. */
  compute(ms: number): void {
    this.#trueMs += ms;
  }

  /** I/O that ends so long after it was begun. */
  readonly io = (ms: number): Promise<void> => {
    const at = this.#trueMs + ms;
    return new Promise((resolve) => this.#events.push({ at, happen: resolve }));
  };

  /** Awaits work, and makes I/O end in its order whenever the code has nothing to compute. */
  async play<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => {});
    for (;;) {
      // Streams need several turns until they have passed on what they have.
      for (let turn = 0; turn < 5 && !isDone; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
      if (isDone) return done;
      const next = this.#events.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) continue;
      this.#events.splice(this.#events.indexOf(next), 1);
      this.#trueMs = Math.max(this.#trueMs, next.at);
      this.#shownMs = this.#trueMs;
      next.happen();
    }
  }
}
