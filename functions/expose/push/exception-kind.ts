import { trimCharacter } from "../../lib/trim-character.ts";

/** Longest kind of an exception, in characters. */
const LONGEST_KIND = 64;

/** A kind as a label: the type's own name without its path, or `unknown`. Never its message. */
export function exceptionKind(type: string | undefined): string {
  const last = type?.split(/::|[./\\]/).findLast((part) => /[A-Za-z0-9]/.test(part)) ?? "";
  const safe = trimCharacter(last.replace(/[^A-Za-z0-9_-]+/g, "_"), "_", "both");
  return safe === "" ? "unknown" : safe.slice(0, LONGEST_KIND);
}
