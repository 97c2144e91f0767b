import type { Matcher } from "../../model/alerting/matcher.ts";
import { matches } from "../../model/alerting/matches.ts";
import { parseMatchers } from "../../model/alerting/parse-matchers.ts";
import { quoted, type Read } from "./field-issue.ts";

const MAX_MATCHERS = 50;
const MAX_CHARACTERS = 10_000;

/** Reads matchers, each text with one or several; all must hold. */
export function readMatchers(texts: readonly string[]): Read<readonly Matcher[]> {
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  if (characters > MAX_CHARACTERS) return wrong(`They have ${characters} characters; ${MAX_CHARACTERS} are allowed.`);
  const matchers: Matcher[] = [];
  for (const text of texts) {
    const parsed = parseMatchers(text.toWellFormed());
    if (!parsed.ok) return wrong(parsed.problem);
    matchers.push(...parsed.matchers);
  }
  if (matchers.length > MAX_MATCHERS) return wrong(`There are ${matchers.length}; ${MAX_MATCHERS} are allowed.`);
  return { ok: true, value: matchers };
}

/** The same for a silence: what matches no label at all would mute everything. */
export function readSilenceMatchers(texts: readonly string[]): Read<readonly Matcher[]> {
  const read = readMatchers(texts);
  if (!read.ok) return read;
  if (read.value.length === 0)
    return wrong('There are none, so every alert would be muted. Name what to mute, such as target="cas-eu".');
  if (!read.value.every((matcher) => matches(matcher, {}))) return read;
  return wrong(
    `${quoted(texts.join(", "))} matches alerts that have none of these labels. Add one that must have a value, such as alertname=~".+".`,
  );
}

const wrong = (problem: string): Read<never> => ({ ok: false, issues: [{ field: "matchers", problem }] });
