import { DAY_MS } from "../../lib/time-units.ts";
import { type Bucket, takeToken } from "../../lib/token-bucket.ts";
import type { AuthRoute, RefusedTokens } from "../../model/refused-tokens.ts";
import { networkOf } from "./network-of.ts";

/** Somebody who shows a token. */
export interface Attempt {
  route: AuthRoute;
  /** Where it comes from, as the platform says it; undefined where nobody says. */
  address: string | undefined;
  /** Absent: none was shown. */
  token: string | undefined;
}

/** `closed`: the secret is not set or must not be used, so no token passes. */
export type TokenVerdict = { said: "passes" | "closed" | "absent" | "wrong" };

/** A token that was not looked at, since too many from its address were wrong. */
export interface Slowed {
  said: "slowed";
  retryAfterMs: number;
}

/** What the gate needs. */
export interface TokenGatePorts {
  /** Epoch ms. */
  now(): number;
  /** Takes what was refused since the last report. It is called at most every 10 s and may fail. */
  report(refused: readonly RefusedTokens[]): Promise<void>;
}

/** Wrong tokens of an address: a person who mistypes, or one client that was set up wrongly, stays below. */
const RATE = { perMinute: 20, burst: 20 };
/** Addresses that are remembered, of each kind. */
const MOST_ADDRESSES = 1_000;
/** An address from which a right token came is not slowed for so long: others may share it. */
const TRUSTED_MS = DAY_MS;
const REPORT_EVERY_MS = 10_000;

/**
 * Counts wrong tokens, and slows down who tries many. Make it once per isolate: each has its own memory, which is bounded.
 * A right token is refused only where it comes from an address from which many wrong ones and no right one came.
 */
export class TokenGate {
  readonly #ports: TokenGatePorts;
  readonly #buckets = new Recent<Bucket>();
  readonly #trusted = new Recent<number>();
  readonly #refused = new Map<string, RefusedTokens>();
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(ports: TokenGatePorts) {
    this.#ports = ports;
  }

  /** Lets `examine` judge the token, unless its address has to wait. */
  async judge(attempt: Attempt, examine: () => Promise<TokenVerdict>): Promise<TokenVerdict | Slowed> {
    if (attempt.token === undefined) return examine();
    const now = this.#ports.now();
    const key = attempt.address === undefined ? undefined : networkOf(attempt.address);
    const isTrusted = key !== undefined && now - (this.#trusted.get(key) ?? Number.NEGATIVE_INFINITY) < TRUSTED_MS;
    const taken = key === undefined || isTrusted ? undefined : takeToken(this.#buckets.get(key), RATE, now);
    if (taken?.ok === false) {
      await this.#count(attempt.route, "slowed", now);
      return { said: "slowed", retryAfterMs: taken.retryAfterMs };
    }
    const verdict = await examine();
    if (verdict.said === "passes" && key !== undefined) this.#trusted.set(key, now);
    if (verdict.said !== "wrong") return verdict;
    if (key !== undefined && taken !== undefined) this.#buckets.set(key, taken.bucket);
    await this.#count(attempt.route, "wrong", now);
    return verdict;
  }

  async #count(route: AuthRoute, reason: RefusedTokens["reason"], now: number): Promise<void> {
    const key = `${route} ${reason}`;
    const count = (this.#refused.get(key)?.count ?? 0) + 1;
    this.#refused.set(key, { route, reason, count });
    if (now - this.#reportedAt < REPORT_EVERY_MS) return;
    this.#reportedAt = now;
    const refused = [...this.#refused.values()];
    this.#refused.clear();
    await this.#ports.report(refused);
  }
}

/** A map that forgets what was set longest ago. */
class Recent<Value> {
  readonly #all = new Map<string, Value>();

  get(key: string): Value | undefined {
    return this.#all.get(key);
  }

  set(key: string, value: Value): void {
    this.#all.delete(key);
    this.#all.set(key, value);
    if (this.#all.size <= MOST_ADDRESSES) return;
    const [oldest] = this.#all.keys();
    if (oldest !== undefined) this.#all.delete(oldest);
  }
}
