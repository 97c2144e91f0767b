/** The moment by which a piece of work must end, and the signal that says so. */
export interface Deadline {
  /** Epoch ms. */
  readonly at: number;
  readonly signal: AbortSignal;
}

/**
 * Starts a deadline `timeoutMs` from `now` (epoch ms), or the end of `parent` if that is sooner. Start it when the work
 * is admitted, not while it queues, and dispose of it when the work has ended: workerd allows 10,000 timers at once, and
 * `AbortSignal.timeout` would hold one for each piece of work until it fires.
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
