import { AsyncLocalStorage } from "node:async_hooks";
import type { WatchEvent } from "../../../functions/model/watch-event.ts";
import type { Clock } from "./clock.ts";

/** What the platform bills or limits an invocation for, and whose it is. */
export type Role = "cron" | "page" | "monitor" | "prober" | "alerter";

/** One invocation as it was counted. */
export interface Invocation {
  role: Role;
  /** Name of the object; of the Worker, its role. */
  object: string;
  /** When it began, true epoch ms. */
  at: number;
  isAlarm: boolean;
  /** Calls to the outside world, each retry and each message counted. */
  calls: number;
  /** Calls to objects, KV and D1. */
  inner: number;
  /** Attempts of slots that were made in it: 0 scheduled runs, 1 confirmations, from 2 on rechecks. */
  attempts: number[];
  /** The invocation that called it. */
  parent: Invocation | undefined;
}

/** Sums of a time. */
export interface Counted {
  /** Invocations of the Worker. */
  workerRequests: number;
  objectRequests: number;
  /** Seconds in which an object had something to do, summed over objects. */
  objectSeconds: number;
  calls: number;
  kvReads: number;
  /** Lines that were logged; wrangler.toml switches the logs of invocations off. */
  logEvents: number;
}

/** Counts what a played world uses of the platform: calls, requests and seconds as they happen, by no formula. */
export class Meter {
  readonly invocations: Invocation[] = [];
  readonly #clock: Clock;
  readonly #current = new AsyncLocalStorage<Invocation>();
  /** What each object is doing now, and since when. */
  readonly #busy = new Map<string, { since: number; invocations: number }>();
  #sums: Counted = nothing();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins a new sum; answers with the one before. What is under way counts where it ends. */
  take(): Counted {
    const sums = this.#sums;
    this.#sums = nothing();
    return sums;
  }

  /** Runs an invocation. */
  async invoke<T>(role: Role, object: string, work: () => T | Promise<T>, isAlarm = false): Promise<T> {
    const outer = this.#current.getStore();
    if (outer !== undefined) outer.inner++;
    const own: Invocation = {
      role,
      object,
      at: this.#clock.at,
      isAlarm,
      calls: 0,
      inner: 0,
      attempts: [],
      parent: outer,
    };
    this.invocations.push(own);
    const isObject = role !== "cron" && role !== "page";
    if (isObject) this.#sums.objectRequests++;
    else this.#sums.workerRequests++;
    if (isObject) this.#begin(object);
    try {
      return await this.#current.run(own, async () => work());
    } finally {
      if (isObject) this.#end(object);
    }
  }

  /** Name of the object that does what happens now. */
  get object(): string {
    return this.#current.getStore()?.object ?? "";
  }

  call(count = 1): void {
    this.#sums.calls += count;
    const own = this.#current.getStore();
    if (own !== undefined) own.calls += count;
  }

  kvRead(): void {
    this.#sums.kvReads++;
    this.inner();
  }

  /** A call to D1. */
  inner(): void {
    const own = this.#current.getStore();
    if (own !== undefined) own.inner++;
  }

  log(event: WatchEvent): void {
    this.#sums.logEvents++;
    if (event.event === "tick") this.#current.getStore()?.attempts.push(event.attempt);
  }

  #begin(object: string): void {
    const busy = this.#busy.get(object);
    if (busy === undefined) this.#busy.set(object, { since: this.#clock.at, invocations: 1 });
    else busy.invocations++;
  }

  #end(object: string): void {
    const busy = this.#busy.get(object);
    if (busy === undefined || --busy.invocations > 0) return;
    this.#busy.delete(object);
    this.#sums.objectSeconds += (this.#clock.at - busy.since) / 1000;
  }
}

const nothing = (): Counted => ({
  workerRequests: 0,
  objectRequests: 0,
  objectSeconds: 0,
  calls: 0,
  kvReads: 0,
  logEvents: 0,
});
