/**
 * Why D1 did not do what it was asked: it queues too many requests; it cannot be reached or was reset; an account or
 * database limit is used up; its tables are missing or old; no answer in time; none of these. After any of them the
 * statement may have been carried out all the same.
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

/** What names the failure comes first; what a statement carried may follow. */
const LONGEST_MESSAGE = 2_000;

/** Names the failure behind what a D1 call threw; the text itself goes no further. */
export function historyFailure(thrown: unknown): HistoryFailure {
  const text = thrown instanceof Error ? thrown.message.slice(0, LONGEST_MESSAGE) : "";
  return PATTERNS.find(([pattern]) => pattern.test(text))?.[1] ?? "other";
}
