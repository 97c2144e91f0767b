import { type Bucket, takeToken } from "../../lib/token-bucket.ts";
import { MAX_PUSHED_METRICS, type PushAnswer, type PushBatch } from "../../model/probing/push.ts";
import { type PushOptions, push as pushKind } from "../../probe/kinds/push.ts";
import type { MonitorCore } from "../monitor-core.ts";
import { countRefusals, foldPush } from "./fold-push.ts";

/** A push waits so long for others to share its commit: less than a process at its end would be missed for. */
const GROUP_MS = 100;
/** At most one commit in so long, however many push. */
const BETWEEN_COMMITS_MS = 1_000;
/** Readings that wait at most: about 10 MB, and some 20 ms of work. */
const MOST_WAITING = 2 * MAX_PUSHED_METRICS;

/** Dependencies of the push intake. */
export interface PushIntakePorts {
  core: Pick<MonitorCore, "config" | "record">;
  /** Epoch ms. */
  now: () => number;
  delay: (ms: number) => Promise<void>;
}

interface Waiting {
  target: string;
  batch: PushBatch;
  resolve: (answer: PushAnswer) => void;
  reject: (error: unknown) => void;
}

/**
 * Accepts pushes for a Monitor, at the rate that each target allows. Pushes that arrive close together share one commit. It
 * never delays a tick, because the commit is made between two of its steps. An answer means that the push is stored.
 */
export class PushIntake {
  readonly #ports: PushIntakePorts;
  readonly #buckets = new Map<string, Bucket>();
  /** Pushes rejected since the last commit, by target. */
  readonly #limited = new Map<string, number>();
  #waiting: Waiting[] = [];
  #metrics = 0;
  #committedAt = 0;

  constructor(ports: PushIntakePorts) {
    this.#ports = ports;
  }

  /** Rejects if storage failed. Nothing was stored then, and the push may be repeated. */
  async push(target: string, batch: PushBatch): Promise<PushAnswer> {
    const options = this.#optionsOf(target);
    if (options === undefined) return { kind: "unknown_target" };
    const rate = { perMinute: options.max_per_minute, burst: options.max_per_minute };
    const { bucket, ...taken } = takeToken(this.#buckets.get(target), rate, this.#ports.now());
    this.#buckets.set(target, bucket);
    if (!taken.ok) return this.#turnAway(target, taken.retryAfterMs);
    if (this.#metrics + batch.metrics.length > MOST_WAITING) return this.#turnAway(target, BETWEEN_COMMITS_MS);
    const { promise, resolve, reject } = Promise.withResolvers<PushAnswer>();
    this.#waiting.push({ target, batch, resolve, reject });
    this.#metrics += batch.metrics.length;
    if (this.#waiting.length === 1) {
      const restMs = this.#committedAt + BETWEEN_COMMITS_MS - this.#ports.now();
      this.#ports.delay(Math.max(GROUP_MS, Math.min(restMs, BETWEEN_COMMITS_MS))).then(() => this.#commit(), reject);
    }
    return promise;
  }

  #turnAway(target: string, retryAfterMs: number): PushAnswer {
    this.#limited.set(target, (this.#limited.get(target) ?? 0) + 1);
    return { kind: "limited", retryAfterMs };
  }

  #optionsOf(target: string): PushOptions | undefined {
    const plans = this.#ports.core.config.targets.find(({ name }) => name === target)?.probes ?? [];
    return plans.find(({ kind }) => kind === pushKind.kind)?.options as PushOptions | undefined;
  }

  #commit(): void {
    const group = this.#waiting;
    this.#waiting = [];
    this.#metrics = 0;
    const now = this.#ports.now();
    this.#committedAt = now;
    const answers: PushAnswer[] = [];
    try {
      this.#ports.core.record((head) => {
        for (const { target, batch } of group) {
          const staleAfterMs = this.#optionsOf(target)?.stale_after;
          // The configuration may have changed since the push arrived.
          if (staleAfterMs === undefined) answers.push({ kind: "unknown_target" });
          else answers.push({ kind: "stored", ...foldPush(head, target, batch, { now, staleAfterMs }) });
        }
        for (const [target, limited] of this.#limited)
          if (this.#optionsOf(target) !== undefined) countRefusals(head, target, { limited }, now);
      });
      this.#limited.clear();
    } catch (error) {
      for (const { reject } of group) reject(error);
      return;
    }
    group.forEach(({ resolve }, i) => {
      resolve(answers[i] as PushAnswer);
    });
  }
}
