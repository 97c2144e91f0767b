import type { AlertLabels } from "./alert.ts";
import type { Matcher } from "./matcher.ts";
import { matcherPattern, type PatternResult } from "./matcher-pattern.ts";

/** Whether the matcher matches the labels. An absent label counts as the empty string. */
export function matches(matcher: Matcher, labels: AlertLabels): boolean {
  const value = Object.hasOwn(labels, matcher.name) ? (labels[matcher.name] as string) : "";
  switch (matcher.op) {
    case "=":
      return value === matcher.value;
    case "!=":
      return value !== matcher.value;
    case "=~":
      return compiled(matcher.value).test(value);
    case "!~":
      return !compiled(matcher.value).test(value);
  }
}

/** Whether all matchers match the labels. An empty list matches everything. */
export const matchesAll = (matchers: readonly Matcher[], labels: AlertLabels): boolean =>
  matchers.every((matcher) => matches(matcher, labels));

type Pattern = Extract<PatternResult, { ok: true }>["pattern"];

const MAX_CACHED = 500;
const cache = new Map<string, Pattern>();

/**
 * Matchers are validated when they are parsed (`parseMatchers`, the config) and when they are loaded from storage, so an
 * invalid pattern here is a bug.
 */
function compiled(source: string): Pattern {
  const known = cache.get(source);
  if (known !== undefined) return known;
  const result = matcherPattern(source);
  if (!result.ok) throw new Error(`Cannot match against an unchecked pattern: ${result.problem}`);
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(source, result.pattern);
  return result.pattern;
}
