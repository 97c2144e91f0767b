/**
 * The time of a `Retry-After` header, epoch ms: whole seconds from `now`, or an HTTP date. Undefined if it is missing,
 * invalid, or not in the future; at most `now + mostMs`.
 */
export function retryAfter(header: string | null, now: number, mostMs: number): number | undefined {
  const text = header?.trim() ?? "";
  const at = /^[0-9]+$/.test(text) ? now + Number(text) * 1_000 : /^[A-Za-z]{3},? /.test(text) ? Date.parse(text) : NaN;
  return at > now ? Math.min(at, now + mostMs) : undefined;
}
