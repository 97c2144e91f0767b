import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { NotificationLogEntry, ResultOf, ThreadOrder } from "./thread-orders.ts";

const script = fileURLToPath(new URL("./pool-thread.ts", import.meta.url).href);

/** What a thread answered, and when it began, by `process.hrtime.bigint()`. */
export interface Answered<R> {
  readonly startedAt: bigint;
  readonly result: R;
}

/** One thread of a pool, seen from outside. Orders may be sent before it is up, and wait in its port. */
export class NotificationGroup {
  readonly id: number;
  readonly #worker: Worker;
  readonly #waiting = new Map<
    number,
    { resolve: (message: NotificationLogEntry) => void; reject: (why: Error) => void }
  >();
  #orders = 0;

  /** `onGone` is called once when the thread has ended without having been message to. */
  constructor(id: number, onGone: () => void) {
    this.id = id;
    this.#worker = new Worker(script);
    // The server's sockets keep its process alive; idle threads must not.
    this.#worker.unref();
    this.#worker.on("message", (message: NotificationLogEntry) => {
      this.#waiting.get(message.id)?.resolve(message);
      this.#waiting.delete(message.id);
    });
    let why = new Error("a thread of the pool has ended");
    this.#worker.on("error", (error) => {
      why = error instanceof Error ? error : new Error(String(error));
    });
    this.#worker.once("exit", () => {
      for (const { reject } of this.#waiting.values()) reject(why);
      this.#waiting.clear();
      onGone();
    });
  }

  /** Orders that it has not answered yet. */
  get pending(): number {
    return this.#waiting.size;
  }

  ask<O extends ThreadOrder>(order: O): Promise<Answered<ResultOf<O>>> {
    return new Promise((resolve, reject) => {
      const id = this.#orders++;
      // A thread answers each order with the result of its kind.
      const answer = (message: NotificationLogEntry): void => resolve(message as unknown as Answered<ResultOf<O>>);
      this.#waiting.set(id, { resolve: answer, reject });
      this.#worker.postMessage({ id, order });
    });
  }

  /** Ends it, in the middle of whatever it does. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
