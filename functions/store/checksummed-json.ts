import { fnv1a } from "../lib/fnv1a.ts";

const HASH_DIGITS = 8;

const hashOf = (json: string): string => fnv1a(json).toString(16).padStart(HASH_DIGITS, "0");

/** JSON text with its checksum before it, so that damage is told from an odd value. */
export const encodeWithChecksum = (json: string): string => `${hashOf(json)} ${json}`;

/** The value of a sealed text; undefined where it is not what was sealed, whatever it is. */
export function decodeWithChecksum(stored: unknown): unknown {
  if (typeof stored !== "string" || stored[HASH_DIGITS] !== " ") return undefined;
  const json = stored.slice(HASH_DIGITS + 1);
  return stored.startsWith(hashOf(json)) ? (JSON.parse(json) as unknown) : undefined;
}
