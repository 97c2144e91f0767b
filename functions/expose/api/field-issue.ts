import { cleanLine, cleanLines } from "../../lib/clean-text.ts";
import { shorten } from "../../lib/shorten.ts";

/** What is wrong with one field of what somebody sent. */
export interface FieldIssue {
  /** As in the proto. */
  field: string;
  /** A whole sentence or two: what was wrong, the value, what to do. */
  problem: string;
}

/** What was read, or everything that is wrong with it. */
export type Read<Value> = { ok: true; value: Value } | { ok: false; issues: readonly FieldIssue[] };

/** All issues as one text, a line each. */
export const formatIssue = (issues: readonly FieldIssue[]): string =>
  issues.map(({ field, problem }) => `${field}: ${problem}`).join("\n");

/** A value as it is quoted in a problem. */
export const quoted = (text: string): string => JSON.stringify(shorten(text.toWellFormed(), 100));

export const MAX_AUTHOR = 100;
export const MAX_TEXT_LENGTH = 1_000;

/** The name that somebody gives: one printable line. */
export function readAuthor(text: string): Read<string> {
  const author = cleanLine(text);
  if (author === "") return wrong("author", "It is empty. Give your name, so that others can ask you.");
  if (author.length > MAX_AUTHOR)
    return wrong("author", `${quoted(author)} has ${author.length} characters. Give at most ${MAX_AUTHOR}.`);
  return { ok: true, value: author };
}

/** A text that somebody wrote; `demand` is the error where it is required and empty. */
export function readText(field: string, text: string, demand?: string): Read<string> {
  const words = cleanLines(text);
  if (words === "" && demand !== undefined) return wrong(field, demand);
  if (words.length > MAX_TEXT_LENGTH)
    return wrong(field, `${quoted(words)} has ${words.length} characters. Give at most ${MAX_TEXT_LENGTH}.`);
  return { ok: true, value: words };
}

const wrong = (field: string, problem: string): Read<never> => ({ ok: false, issues: [{ field, problem }] });
