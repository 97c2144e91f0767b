/**
 * The moment that a `Retry-After` header names, epoch ms: whole seconds from `now`, or an HTTP date. Undefined where there
 * is none, it cannot be read, or it is not in the future; never later than `now + mostMs`.
 */
export function retryAfter(header: string | null, now: number, mostMs: number): number | undefined {
  const text = header?.trim() ?? "";
  const at = /^[0-9]+$/.test(text) ? now + Number(text) * 1_000 : /^[A-Za-z]{3},? /.test(text) ? Date.parse(text) : NaN;
  return at > now ? Math.min(at, now + mostMs) : undefined;
}
