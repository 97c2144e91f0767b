import { LinearPattern } from "../../lib/pattern/linear-pattern.ts";
import { parsePattern } from "../../lib/pattern/parse-pattern.ts";
import { programSize } from "../../lib/pattern/pattern-program.ts";

/** A matcher's regular expression, or the problem with it: a whole sentence with the value and what to do. */
export type PatternResult = { ok: true; pattern: LinearPattern } | { ok: false; problem: string };

const MAX_LENGTH = 1_000;
/** Steps after counted repeats are expanded. Without them, a pattern has no more steps than characters. */
const MAX_STEPS = 1_000;

/**
 * Checks a matcher's regular expression, which must match a whole value. Only a subset of RE2 (Prometheus,
 * Alertmanager) is accepted, so that a matcher means the same there. Its size is bounded, so that any value is matched in
 * time proportional to its length. `.` matches line ends too, as in Prometheus 3.
 */
export function matcherPattern(source: string): PatternResult {
  const refused = (why: string): PatternResult => ({
    ok: false,
    problem: `Cannot use ${JSON.stringify(source.slice(0, 100))} as a regular expression: ${why}.`,
  });
  if (source.length > MAX_LENGTH)
    return refused(
      `it has ${source.length} characters, and ${MAX_LENGTH} are allowed; shorten it, or match on another label`,
    );
  const parsed = parsePattern(source);
  if (!parsed.ok) return refused(parsed.problem);
  if (programSize(parsed.node) > MAX_STEPS)
    return refused(
      `its counted repeats expand to more than ${MAX_STEPS} steps; lower the counts, or use * or + for any number`,
    );
  return { ok: true, pattern: new LinearPattern(parsed.node) };
}
