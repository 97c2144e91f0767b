import { Code, ConnectError } from "@connectrpc/connect";
import { NotificationGroup } from "./thread.ts";
import type { ResultOf, ThreadOrder, ThreadResults } from "./thread-orders.ts";
import { type Waiting, WaitingLine } from "./waiting-line.ts";

/** Runs something later; the answer cancels it. */
export type StartTimer = (ms: number, run: () => void) => () => void;

export interface PoolOptions {
  readonly minWorkers: number;
  readonly maxWorkers: number;
  readonly idleTimeoutMs: number;
  readonly queueCapacity: number;
  /** Node's own timers unless told. */
  readonly startTimer?: StartTimer;
}

/** A pool at one moment; totals since it was made or reset. */
export interface PoolSnapshot {
  readonly activeThreads: number;
  readonly busyThreads: number;
  readonly queueLength: number;
  readonly idleTimeouts: number;
  readonly gcRuns: number;
  readonly gcNanos: bigint;
  /** Epoch ms. */
  readonly since: number;
}

export interface SubmitOptions {
  /** How long to wait for a place in the queue and a thread together, ms; undefined: as long as the signal allows. */
  readonly maxWaitMs?: number;
  /** Takes it back at once, or lets go of its result. */
  readonly signal: AbortSignal;
  /** No thread ever takes it. */
  readonly stuck?: boolean;
}

/** What became of a task; `before` is the pool as it found it. */
export type Submitted<R> = { readonly before: PoolSnapshot; readonly waitNanos: bigint } & (
  | { readonly ran: true; readonly result: R }
  | { readonly ran: false }
);

/** What a broadcast came to: an entry for each thread that was alive. */
export interface Broadcast {
  readonly threads: readonly ({ readonly thread: number } & ThreadResults["gc"])[];
  readonly durationNanos: bigint;
}

interface Job extends Waiting {
  run(thread: NotificationGroup): Promise<void>;
  refuse(why: Error): void;
}

/**
 * A bounded queue before threads: a task that finds none idle starts one while there are fewer than the maximum, else it
 * waits; a thread above the minimum that stays idle is ended.
 */
export class WorkerPool {
  readonly options: PoolOptions;
  readonly #threads = new Set<NotificationGroup>();
  readonly #busy = new Set<NotificationGroup>();
  readonly #idleTimers = new Map<NotificationGroup, () => void>();
  readonly #ending = new Set<Promise<void>>();
  readonly #line: WaitingLine<Job>;
  #closed = false;
  #started = 0;
  #totals = blank();

  constructor(options: PoolOptions) {
    this.options = options;
    this.#line = new WaitingLine(options.queueCapacity);
    while (this.#threads.size < options.minWorkers) this.#start();
  }

  snapshot(): PoolSnapshot {
    return {
      activeThreads: this.#threads.size,
      busyThreads: this.#busy.size,
      queueLength: this.#line.length,
      ...this.#totals,
    };
  }

  /**
   * Has an order carried out. Rejects with `resource_exhausted` where the queue has no place for it in time, and with the
   * signal's reason once that is aborted.
   */
  submit<O extends ThreadOrder>(order: O, options: SubmitOptions): Promise<Submitted<ResultOf<O>>> {
    const before = this.snapshot();
    const enqueuedAt = process.hrtime.bigint();
    const { promise, resolve, reject } = Promise.withResolvers<Submitted<ResultOf<O>>>();
    const giveUp = (): void => {
      const where = this.#line.remove(job);
      if (where === "queued") resolve({ ran: false, before, waitNanos: process.hrtime.bigint() - enqueuedAt });
      if (where === "outside") reject(fullQueue(this.options.queueCapacity));
    };
    const stopWaiting = this.#timer(options.maxWaitMs, giveUp);
    const onAbort = (): void => {
      this.#line.remove(job);
      reject(options.signal.reason);
    };
    const job: Job = {
      stuck: options.stuck === true,
      async run(thread) {
        stopWaiting();
        const { startedAt, result } = await thread.ask(order);
        resolve({ ran: true, before, waitNanos: startedAt - enqueuedAt, result });
      },
      refuse: reject,
    };
    if (options.signal.aborted) onAbort();
    else {
      options.signal.addEventListener("abort", onAbort);
      this.#line.add(job);
      this.#pump();
    }
    return promise.finally(() => {
      stopWaiting();
      options.signal.removeEventListener("abort", onAbort);
    });
  }

  /** Sends an order to every thread that is alive, past the queue, and waits for the last. */
  async broadcast(order: Extract<ThreadOrder, { kind: "gc" }>): Promise<Broadcast> {
    const startedAt = process.hrtime.bigint();
    const threads = await Promise.all(
      [...this.#threads].map(async (thread) => ({ thread: thread.id, ...(await thread.ask(order)).result })),
    );
    const durationNanos = process.hrtime.bigint() - startedAt;
    this.#totals.gcRuns++;
    this.#totals.gcNanos += durationNanos;
    return { threads, durationNanos };
  }

  /** Totals at 0; threads and tasks stay. */
  reset(): void {
    this.#totals = blank();
  }

  /** Ends all threads; nothing can be submitted any more. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#idleTimers.values()) cancel();
    for (const job of this.#line.drain()) job.refuse(new ConnectError("the pool is closed", Code.Unavailable));
    await Promise.all([...this.#ending, ...[...this.#threads].map((thread) => thread.end())]);
  }

  #start(): NotificationGroup {
    // One that breaks is replaced when a task needs another: one that cannot even start would be started for ever.
    const thread: NotificationGroup = new NotificationGroup(this.#started++, () => this.#forget(thread));
    this.#threads.add(thread);
    return thread;
  }

  #idle(): NotificationGroup | undefined {
    return [...this.#threads].find((thread) => !this.#busy.has(thread));
  }

  #pump(): void {
    for (;;) {
      const job = this.#line.first();
      if (job === undefined || this.#closed) return;
      const thread = this.#idle() ?? (this.#threads.size < this.options.maxWorkers ? this.#start() : undefined);
      if (thread === undefined) return;
      this.#line.remove(job);
      this.#give(job, thread);
    }
  }

  #give(job: Job, thread: NotificationGroup): void {
    this.#idleTimers.get(thread)?.();
    this.#busy.add(thread);
    job
      .run(thread)
      .catch((error: Error) => job.refuse(error))
      .finally(() => {
        this.#busy.delete(thread);
        this.#pump();
        if (!this.#busy.has(thread) && this.#threads.has(thread)) this.#awaitIdleness(thread);
      });
  }

  #awaitIdleness(thread: NotificationGroup): void {
    if (this.#closed || this.#threads.size <= this.options.minWorkers) return;
    const cancel = this.#timer(this.options.idleTimeoutMs, () => {
      if (this.#threads.size <= this.options.minWorkers || this.#busy.has(thread)) return;
      // A broadcast that it has not answered yet is no idleness.
      if (thread.pending > 0) return this.#awaitIdleness(thread);
      this.#forget(thread);
      this.#totals.idleTimeouts++;
      const ended = thread.end();
      this.#ending.add(ended);
      void ended.then(() => this.#ending.delete(ended));
    });
    this.#idleTimers.set(thread, cancel);
  }

  #forget(thread: NotificationGroup): void {
    this.#idleTimers.get(thread)?.();
    this.#idleTimers.delete(thread);
    this.#threads.delete(thread);
    this.#busy.delete(thread);
  }

  #timer(ms: number | undefined, run: () => void): () => void {
    return ms === undefined ? () => {} : (this.options.startTimer ?? nodeTimer)(ms, run);
  }
}

const fullQueue = (capacity: number): ConnectError =>
  new ConnectError(`the queue of the pool holds ${capacity} tasks and is full`, Code.ResourceExhausted);

const nodeTimer: StartTimer = (ms, run) => {
  const timer = setTimeout(run, ms).unref();
  return () => clearTimeout(timer);
};

function blank(): { idleTimeouts: number; gcRuns: number; gcNanos: bigint; since: number } {
  return { idleTimeouts: 0, gcRuns: 0, gcNanos: 0n, since: Date.now() };
}
