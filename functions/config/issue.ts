import type * as z from "zod";
import { ownValue } from "../lib/own-value.ts";
import { suggestion } from "./suggest.ts";

/** Where in the document: keys and list positions from the top. */
export type Path = readonly (string | number)[];

/** One thing that is wrong, or doubtful, with the document. The message says the value and what to do. */
export interface Issue {
  path: Path;
  message: string;
}

/** Keys below which a value may be a secret that somebody wrote in the wrong place: never shown. */
export const SECRET_KEYS = [
  ...[
    "auth",
    "headers",
    "basic_auth",
    "transport_headers",
    "transport_auth",
    "secret",
    "webhook_url",
    "routing_key",
    "api_key",
    "url_secret",
    "signing_secrets",
  ],
  "heartbeats",
];
const LONGEST_SHOWN = 60;
/** C1 controls, zero-width and direction marks: harmless in YAML, confusing or worse in a terminal. */
const UNPRINTABLE = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

const quote = (text: string): string =>
  JSON.stringify(text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text).replace(
    UNPRINTABLE,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** A path as a person writes it: `targets[1].probes["cas.details"].interval`. */
export function formatPath(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]{0,59}$/.test(part)) text += text === "" ? part : `.${part}`;
    else text += `[${quote(part)}]`;
  }
  return text === "" ? "the document" : text;
}

/** A value as a message may show it: short, printable, and never one that may be a secret. */
export function show(value: unknown, path: Path): string {
  if (path.some((part) => SECRET_KEYS.includes(String(part)))) return "the value (not shown, it may be a secret)";
  // A mark too many turns all that follows into one text, secrets and all.
  if (typeof value === "string" && /\n|:\s/.test(value)) return "a string (not shown, it may hold keys and secrets)";
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a mapping";
  return String(value);
}

/** What a schema's type is called; YAML words, not JavaScript's. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a mapping of keys",
  record: "a mapping of keys",
  array: "a list",
};

const UNITS: Readonly<Record<string, string>> = { string: " characters", array: " entries", set: " entries" };

type Found = z.core.$ZodIssue;

function wrongType(expected: string, value: unknown): string {
  const given = typeof value;
  let hint = "";
  if (expected === "string" && given !== "object") hint = "; put it in quotes";
  if (["number", "int", "boolean"].includes(expected) && given === "string") hint = "; write it without quotes";
  if (expected === "array") hint = "; write each entry on a line of its own after a dash";
  if (expected === "record" && Array.isArray(value)) hint = "; write the name of each entry as its key, without a dash";
  return `is not ${TYPE_NAMES[expected] ?? `a ${expected}`}${hint}`;
}

/** What a schema's own messages say after the value. They start in lower case; zod's own start with a capital. */
function predicate(found: Found, value: unknown): string {
  if (/^[a-z]/.test(found.message)) return found.message;
  switch (found.code) {
    case "invalid_type":
      return wrongType(found.expected, value);
    case "invalid_value": {
      const known = found.values.map(String);
      return `is unknown${typeof value === "string" ? suggestion(value, known) : `; choose from ${known.join(", ")}`}`;
    }
    case "too_small":
      return `is too small; give at least ${found.minimum}${UNITS[found.origin] ?? ""}`;
    case "too_big":
      return `is too large; give at most ${found.maximum}${UNITS[found.origin] ?? ""}`;
    case "not_multiple_of":
      return `is not a multiple of ${found.divisor}`;
    case "invalid_format":
      return `is not valid; it must match ${found.pattern ?? found.format}`;
    case "invalid_union": {
      const types = found.errors.flat().flatMap((inner) => (inner.code === "invalid_type" ? [inner.expected] : []));
      const names = [...new Set(types)].map((type) => TYPE_NAMES[type] ?? type);
      return names.length === 0 ? "is not allowed here" : `is neither ${names.join(" nor ")}`;
    }
    default:
      return `is not allowed here (${found.message})`;
  }
}

/** The issue of a key that does not exist. */
export function unknownKey(path: Path, key: string, known: readonly string[]): Issue {
  const noun = path.at(-1) === "probes" ? "a kind of probe" : `a key of ${formatPath(path)}`;
  const choice = known.length === 0 ? "" : suggestion(key, known);
  return { path: [...path, key], message: `is not ${noun}${choice}` };
}

/** The issue of a value that is not there. */
export const missing = (path: Path, description: string | undefined): Issue => ({
  path,
  message: `is missing${description === undefined ? "" : `. ${description}`}`,
});

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown => path.reduce<unknown>(ownValue, value);

/** What zod found wrong with `value`, which stands at `path`, in our words. */
export function fromZod(found: Found, value: unknown, path: Path): Issue[] {
  const at = [...path, ...found.path.map((part) => (typeof part === "symbol" ? String(part) : part))];
  const inner = valueAt(value, found.path);
  if (found.code === "unrecognized_keys") return found.keys.map((key) => unknownKey(at, key, []));
  if (found.code === "invalid_key") {
    const [first] = found.issues;
    const key = String(found.path.at(-1));
    return [
      { path: at, message: `${quote(key)} ${first === undefined ? "is not a valid key" : predicate(first, key)}` },
    ];
  }
  if (inner === undefined && found.code === "invalid_type") return [missing(at, undefined)];
  const subject = inner === undefined ? "its default" : show(inner, at);
  return [{ path: at, message: `${subject} ${predicate(found, inner)}` }];
}
