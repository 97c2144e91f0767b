import { fnv1a } from "../lib/fnv1a.ts";

const HASH_DIGITS = 8;

const hashOf = (json: string): string => fnv1a(json).toString(16).padStart(HASH_DIGITS, "0");

/** JSON text after its checksum, which detects damage. */
export const encodeWithChecksum = (json: string): string => `${hashOf(json)} ${json}`;

/** The value of a text with a checksum; undefined if the text is damaged or not a string. */
export function decodeWithChecksum(stored: unknown): unknown {
  if (typeof stored !== "string" || stored[HASH_DIGITS] !== " ") return undefined;
  const json = stored.slice(HASH_DIGITS + 1);
  return stored.startsWith(hashOf(json)) ? (JSON.parse(json) as unknown) : undefined;
}
