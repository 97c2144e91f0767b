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
 * Deadlines of many short pieces of work that share one timer, because one for each would cost more than some of the work.
 * All of them end with `parent`. Dispose of the whole when the last piece of work has ended: until then its timer may wait
 * for a deadline that has been disposed of. The timer never ends a deadline early, by the clock that was given.
 */
export class SharedDeadlines implements Disposable {
  readonly #parent: AbortSignal;
  readonly #now: () => number;
  /** What has not ended, with the epoch ms at which it shall. */
  readonly #open = new Map<AbortController, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(parent: AbortSignal, now: () => number) {
    this.#parent = parent;
    this.#now = now;
    parent.addEventListener("abort", this.#abortAll);
  }

  /** Starts a deadline `timeoutMs` from now, as `startDeadline` does. */
  start(timeoutMs: number): Deadline & Disposable {
    const controller = new AbortController();
    const now = this.#now();
    const at = now + timeoutMs;
    const open = this.#open;
    if (this.#parent.aborted) controller.abort();
    else {
      open.set(controller, at);
      if (at < this.#timerAt) this.#arm(at, now);
    }
    return {
      at,
      signal: controller.signal,
      [Symbol.dispose]() {
        open.delete(controller);
      },
    };
  }

  [Symbol.dispose](): void {
    this.#clear();
    this.#open.clear();
    this.#parent.removeEventListener("abort", this.#abortAll);
  }

  readonly #abortAll = (): void => {
    for (const controller of this.#open.keys()) controller.abort();
    this[Symbol.dispose]();
  };

  #clear(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
  }

  #arm(at: number, now: number): void {
    this.#clear();
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#end(), at - now);
  }

  /** Ends what is due, and waits for the next. A timer may fire a little before the clock shows its time. */
  #end(): void {
    const now = Math.max(this.#now(), this.#timerAt);
    let next = Number.POSITIVE_INFINITY;
    for (const [controller, at] of this.#open) {
      if (at > now) next = Math.min(next, at);
      else {
        this.#open.delete(controller);
        controller.abort();
      }
    }
    this.#timerAt = Number.POSITIVE_INFINITY;
    if (next < Number.POSITIVE_INFINITY) this.#arm(next, now);
  }
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
