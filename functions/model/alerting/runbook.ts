/** What a person on call reads of an alert. Texts are plain; what stands between backticks is code. */
export interface Runbook {
  /** Last part of its address; never changes, since messages and rule files link to it. */
  slug: string;
  /** Names of the alerts that link here. */
  alerts: readonly string[];
  /** What has happened, in a sentence or two. */
  means: string;
  /** How bad it is, and for whom. */
  impact: string;
  /** What to look at, in this order. */
  check: readonly string[];
  /** What ends it. */
  fix: readonly string[];
}
