/** What a person on call reads about an alert. Plain text; parts in backticks are code. */
export interface Runbook {
  /** Last part of its URL. Never changes, because messages and rule files link to it. */
  slug: string;
  /** Names of the alerts that link here. */
  alerts: readonly string[];
  /** What has happened, in a sentence or two. */
  means: string;
  /** How bad it is, and who is affected. */
  impact: string;
  /** What to check, in this order. */
  check: readonly string[];
  /** How to end it. */
  fix: readonly string[];
}
