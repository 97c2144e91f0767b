import type { Matcher } from "../../model/alerting/matcher.ts";
import { matches } from "../../model/alerting/matches.ts";
import { parseMatchers } from "../../model/alerting/parse-matchers.ts";
import { quoted, type Read } from "./field-issue.ts";

const MAX_MATCHERS = 50;
const MAX_CHARACTERS = 10_000;

/** Reads matchers, each text with one or several; all must hold. */
export function readMatchers(texts: readonly string[]): Read<readonly Matcher[]> {
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  if (characters > MAX_CHARACTERS)
    return wrong(`The matchers have ${characters} characters. Give at most ${MAX_CHARACTERS}.`);
  const matchers: Matcher[] = [];
  for (const text of texts) {
    const parsed = parseMatchers(text.toWellFormed());
    if (!parsed.ok) return wrong(parsed.problem);
    matchers.push(...parsed.matchers);
  }
  if (matchers.length > MAX_MATCHERS) return wrong(`${matchers.length} matchers given. Give at most ${MAX_MATCHERS}.`);
  return { ok: true, value: matchers };
}

/** The same for a silence. Matchers that match every alert are refused. */
export function readSilenceMatchers(texts: readonly string[]): Read<readonly Matcher[]> {
  const read = readMatchers(texts);
  if (!read.ok) return read;
  if (read.value.length === 0)
    return wrong('No matcher given, so every alert would be silenced. Give one such as target="cas-eu".');
  if (!read.value.every((matcher) => matches(matcher, {}))) return read;
  return wrong(
    `${quoted(texts.join(", "))} also matches alerts without these labels. Add a matcher that needs a value, such as alertname=~".+".`,
  );
}

const wrong = (problem: string): Read<never> => ({ ok: false, issues: [{ field: "matchers", problem }] });
