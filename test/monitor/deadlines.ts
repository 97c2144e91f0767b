import type { Deadline } from "../../functions/lib/deadline.ts";

/** Deadlines that only a test ends. */
export class Deadlines {
  /** Those that run, with their ms: nobody has disposed of them. A real one would hold a timer, and keep its object in memory. */
  readonly running = new Map<AbortController, number>();

  readonly start = (timeoutMs: number): Deadline & Disposable => this.startWith(new AbortController(), timeoutMs);

  /** One that ends with the controller. */
  startWith(controller: AbortController, timeoutMs = 0): Deadline & Disposable {
    // A controller may stand for several deadlines, each of which counts.
    const own = new AbortController();
    this.running.set(own, timeoutMs);
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

  /** Every deadline that runs has come, or only those of so many ms. */
  expire(timeoutMs?: number): void {
    for (const [controller, of] of [...this.running])
      if (timeoutMs === undefined || of === timeoutMs) controller.abort();
  }
}
