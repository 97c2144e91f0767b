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

/** Who somebody says to be: one printable line. */
export function readAuthor(text: string): Read<string> {
  const author = cleanLine(text);
  if (author === "") return wrong("author", "It is empty. Give your name, so that others know whom to ask.");
  if (author.length > MAX_AUTHOR)
    return wrong("author", `${quoted(author)} has ${author.length} characters; ${MAX_AUTHOR} are allowed.`);
  return { ok: true, value: author };
}

/** Words of somebody; `demand` is what is said where they are required and there are none. */
export function readText(field: string, text: string, demand?: string): Read<string> {
  const words = cleanLines(text);
  if (words === "" && demand !== undefined) return wrong(field, demand);
  if (words.length > MAX_TEXT_LENGTH)
    return wrong(field, `${quoted(words)} has ${words.length} characters; ${MAX_TEXT_LENGTH} are allowed.`);
  return { ok: true, value: words };
}

const wrong = (field: string, problem: string): Read<never> => ({ ok: false, issues: [{ field, problem }] });
