/** Admits at most `limit` pieces of work at once; others wait in order of arrival. */
export class Semaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    if (!Number.isInteger(limit) || limit < 1)
      throw new RangeError(`Cannot limit work to ${limit} at once: use 1 or more`);
    this.#free = limit;
  }

  /** Admits `more` pieces of work at once beyond the limit so far. */
  widen(more: number): void {
    for (let i = 0; i < more; i++) this.#admitNext();
  }

  /** Runs `work` once it is admitted, and admits the next when it ends or fails. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((admit) => this.#waiting.push(admit));
    try {
      return await work();
    } finally {
      this.#admitNext();
    }
  }

  #admitNext(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
