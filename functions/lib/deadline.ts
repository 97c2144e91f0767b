/** The moment by which a piece of work must end, and the signal that says so. */
export interface Deadline {
  /** Epoch ms. */
  readonly at: number;
  readonly signal: AbortSignal;
}

/** Starts a deadline so many ms from now. Whoever starts one disposes of it, with `using`. */
export type StartDeadline = (timeoutMs: number) => Deadline & Disposable;

/**
 * Starts a deadline `timeoutMs` from `now` (epoch ms), or the end of `parent` if that is sooner. Start it when the work
 * is admitted, not while it queues, and dispose of it when the work has ended, well or not. A timer that is left behind
 * keeps its Durable Object in memory, and on the bill, until it fires; workerd allows 10,000 at once. So this is the
 * only file of the Worker that sets timers: the linter refuses `setTimeout` and `AbortSignal.timeout` elsewhere.
 */
export function startDeadline(timeoutMs: number, now: number, parent?: AbortSignal): Deadline & Disposable {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, timeoutMs);
  if (parent?.aborted === true) abort();
  else parent?.addEventListener("abort", abort);
  return {
    at: now + timeoutMs,
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      parent?.removeEventListener("abort", abort);
    },
  };
}

/**
 * What the work answers, or `late` once the signal aborts. The work is not ended by that: give it the signal too where
 * it listens to one. No listener stays on the signal.
 */
export async function orLate<T, L>(work: PromiseLike<T>, signal: AbortSignal, late: L): Promise<T | L> {
  const { promise: ended, resolve } = Promise.withResolvers<L>();
  const end = (): void => resolve(late);
  if (signal.aborted) end();
  else signal.addEventListener("abort", end);
  try {
    return await Promise.race([work, ended]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** Resolves after so many ms, for work that consists of waiting. */
export async function pause(durationMs: number): Promise<void> {
  using deadline = startDeadline(durationMs, 0);
  await orLate(new Promise<never>(() => {}), deadline.signal, undefined);
}
