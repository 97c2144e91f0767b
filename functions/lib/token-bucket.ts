import { MINUTE_MS } from "./time-units.ts";

/** How often something may happen: `burst` times at once, and `perMinute` in the long run. Both at least 1. */
export interface Rate {
  perMinute: number;
  burst: number;
}

/** What is left of a rate at a time, epoch ms. */
export interface Bucket {
  tokens: number;
  at: number;
}

/** Tolerance: fractions of a token do not sum up to exactly one. */
const ROUNDING = 1e-9;

/** Takes one token, or returns when the next one is available. Without a bucket it is full. A clock that was set back adds none. */
export function takeToken(
  was: Bucket | undefined,
  { perMinute, burst }: Rate,
  now: number,
): { bucket: Bucket; ok: true } | { bucket: Bucket; ok: false; retryAfterMs: number } {
  const perMs = perMinute / MINUTE_MS;
  const tokens = was === undefined ? burst : Math.min(burst, was.tokens + Math.max(0, now - was.at) * perMs);
  if (tokens >= 1 - ROUNDING) return { bucket: { tokens: Math.max(0, tokens - 1), at: now }, ok: true };
  return { bucket: { tokens, at: now }, ok: false, retryAfterMs: Math.ceil((1 - tokens) / perMs) };
}
