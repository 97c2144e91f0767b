/** A regular expression of a matcher, or what is wrong with it: a whole sentence with the value and what to do. */
export type PatternResult = { ok: true; regex: RegExp } | { ok: false; problem: string };

const MAX_LENGTH = 1000;

/**
 * Compiles a matcher's regular expression, anchored at both ends. What RE2 (Prometheus, Alertmanager) does not have is
 * refused, so that a matcher means the same there; a repeated group is refused too, since V8 backtracks and a value
 * could keep it busy for ever. A leading `(?i)` ignores case.
 */
export function matcherPattern(source: string): PatternResult {
  const refused = (why: string): PatternResult => ({
    ok: false,
    problem: `Cannot use ${JSON.stringify(source.slice(0, 100))} as a regular expression: ${why}.`,
  });
  if (source.length > MAX_LENGTH) return refused(`it has ${source.length} characters; ${MAX_LENGTH} are allowed`);
  const ignoresCase = source.startsWith("(?i)");
  const body = ignoresCase ? source.slice(4) : source;
  const bare = body.replace(/\\\\/g, "__");
  if (/\(\?(?:<?[=!])/.test(bare)) return refused("look-around is not known to Prometheus; write it without");
  if (/\\(?:[1-9]|k<)/.test(bare)) return refused("back references are not known to Prometheus; write it without");
  const classless = bare.replace(/\\./g, "_").replace(/\[\^?\]?[^\]]*\]/g, "_");
  if (/\)(?:[*+]|\{\d+,\})/.test(classless))
    return refused(
      "a group that repeats without an end can take for ever; repeat single characters or classes instead",
    );
  // `u` refuses escapes of harmless characters such as `\-`, which RE2 takes.
  for (const flags of ["su", "s"]) {
    try {
      // Alone first: brackets that close what they did not open would undo the anchors.
      new RegExp(body, flags);
      return { ok: true, regex: new RegExp(`^(?:${body})$`, ignoresCase ? `${flags}i` : flags) };
    } catch {}
  }
  return refused("its syntax is wrong; look for an unclosed bracket or a stray *, + or ?");
}
