import type { Deadline } from "../../functions/lib/deadline.ts";

/** Deadlines that only a test ends. */
export class Deadlines {
  /** Those that run: nobody has disposed of them. A real one would hold a timer, and keep its object in memory. */
  readonly running = new Set<AbortController>();

  readonly start = (): Deadline & Disposable => this.startWith(new AbortController());

  /** One that ends with the controller. */
  startWith(controller: AbortController): Deadline & Disposable {
    // A controller may stand for several deadlines, each of which counts.
    const own = new AbortController();
    this.running.add(own);
    const end = (): void => own.abort();
    if (controller.signal.aborted) end();
    else controller.signal.addEventListener("abort", end);
    return {
      at: Number.POSITIVE_INFINITY,
      signal: own.signal,
      [Symbol.dispose]: () => {
        this.running.delete(own);
        controller.signal.removeEventListener("abort", end);
      },
    };
  }

  /** Every deadline that runs has come. */
  expire(): void {
    for (const controller of [...this.running]) controller.abort();
  }
}
