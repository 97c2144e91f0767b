/**
 * Why D1 failed: too many queued requests; unreachable or reset; an account or database limit is reached; missing or old
 * tables; no answer in time; anything else. After any of these, the statement may have been executed all the same.
 */
export type HistoryFailure = "overloaded" | "unreachable" | "quota" | "schema" | "timeout" | "other";

// The texts of D1's error list, https://developers.cloudflare.com/d1/observability/debug-d1/#error-list.
const PATTERNS: readonly [RegExp, HistoryFailure][] = [
  [/overloaded|too many requests/i, "overloaded"],
  [/timeout|timed out/i, "timeout"],
  [/no such table|no such column|has no column/i, "schema"],
  [/maximum.*(size|storage)|limit|quota|too big|full/i, "quota"],
  [/connection lost|reset|transient|internal error|unreachable|network/i, "unreachable"],
];

/** The start of the text names the failure; data of the statement may follow. */
const LONGEST_MESSAGE = 2_000;

/** Classifies what a D1 call threw; the text itself is not passed on. */
export function historyFailure(thrown: unknown): HistoryFailure {
  const text = thrown instanceof Error ? thrown.message.slice(0, LONGEST_MESSAGE) : "";
  return PATTERNS.find(([pattern]) => pattern.test(text))?.[1] ?? "other";
}
