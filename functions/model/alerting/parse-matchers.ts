import type { Matcher } from "./matcher.ts";
import { matcherPattern } from "./matcher-pattern.ts";

/** Parsed matchers, or the problem: a whole sentence with the value and what to do. */
export type MatchersResult = { ok: true; matchers: readonly Matcher[] } | { ok: false; problem: string };

// Linear: only one part of the pattern can match the spaces after the operator, even without a value.
const MATCHER = /^\s*([^\s=!~,"{}]+)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"\s*|([^\s,"{}=~!]+)\s*)?(?:,|$)/su;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", '"': '"', "\\": "\\" };

/** Reads `foo="bar", team=~"a|b"`, with or without braces around it; quotes may be left out around plain values. */
export function parseMatchers(text: string): MatchersResult {
  const trimmed = text.trim();
  let rest = trimmed.startsWith("{") && trimmed.endsWith("}") ? trimmed.slice(1, -1).trim() : trimmed;
  const matchers: Matcher[] = [];
  while (rest !== "") {
    const found = MATCHER.exec(rest);
    if (found === null) {
      const at = JSON.stringify(rest.slice(0, 60));
      return refused(`Cannot read a matcher at ${at}: write it as name="value", with =, !=, =~ or !~.`);
    }
    const [all, name = "", op = "=", quoted, plain = ""] = found;
    const matcher: Matcher = { name, op: op as Matcher["op"], value: quoted === undefined ? plain : unquoted(quoted) };
    const problem = matcherProblem(matcher);
    if (problem !== undefined) return refused(problem);
    matchers.push(matcher);
    rest = rest.slice(all.length).trim();
  }
  return { ok: true, matchers };
}

/** The problem with a matcher that came as data, if any: a whole sentence. */
export function matcherProblem({ name, op, value }: Matcher): string | undefined {
  if (!LABEL_NAME.test(name)) {
    const shown = JSON.stringify(name.slice(0, 100));
    return `Cannot match on the label ${shown}: use letters, digits and underscores, and no digit first.`;
  }
  if (op !== "=~" && op !== "!~") return undefined;
  const pattern = matcherPattern(value);
  return pattern.ok ? undefined : pattern.problem;
}

/** A matcher as Alertmanager prints it: `foo=~"bar"`. */
export const printMatcher = ({ name, op, value }: Matcher): string =>
  `${name}${op}"${value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n")}"`;

/** Matchers as one text, in braces; `{}` for none. `parseMatchers` reads it back. */
export const printMatchers = (matchers: readonly Matcher[]): string => `{${matchers.map(printMatcher).join(",")}}`;

const refused = (problem: string): MatchersResult => ({ ok: false, problem });

/** A backslash before any other character is kept, as in `"cas\-eu"`, because most such values are regular expressions. */
const unquoted = (quoted: string): string =>
  quoted.replace(/\\(.)/gsu, (all, escaped: string) => ESCAPES[escaped] ?? all);
