/** The time by which work must end, and the signal that aborts then. */
export interface Deadline {
  /** Epoch ms. */
  readonly at: number;
  readonly signal: AbortSignal;
}

/** Starts a deadline `timeoutMs` from now. The caller disposes of it, with `using`. */
export type StartDeadline = (timeoutMs: number) => Deadline & Disposable;

/**
 * Starts a deadline `timeoutMs` from `now` (epoch ms), or at the end of `parent` if that is earlier. Start it when the work
 * is admitted, not while it is queued, and dispose of it when the work has ended or failed. A leftover timer keeps its
 * Durable Object in memory, and billed, until it fires; workerd allows 10,000 at once. Therefore this is the only file of
 * the Worker that sets timers: the linter refuses `setTimeout` and `AbortSignal.timeout` elsewhere.
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
 * The result of the work, or `late` once the signal aborts. This does not end the work: pass it the signal too, if it
 * supports one. Leaves no listener on the signal.
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

/** Resolves in a turn of its own, with a clock that is right: on the platform it stands still while code runs. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Resolves after a number of ms, for work that consists of waiting. */
export async function pause(durationMs: number): Promise<void> {
  using deadline = startDeadline(durationMs, 0);
  await orLate(new Promise<never>(() => {}), deadline.signal, undefined);
}
