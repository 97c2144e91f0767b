import { cleanLine } from "./clean-text.ts";

const HIDDEN = "[secret]";
/** Shorter values are words of everyday, not secrets. */
const SHORTEST_SECRET = 4;

/** A text without secrets; the longest first, since one may hold another. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .map(cleanLine)
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
}

const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

/**
 * Cleans values of labels that come from outside: no secrets of ours, no control characters, nothing that hides or reorders
 * text. What is clean is returned as it is. `secrets` is asked once, with the first value.
 */
export function labelCleaner(secrets: () => readonly string[]): (value: string) => string {
  const known = new Map<string, string>();
  let hidden: readonly string[] | undefined;
  return (value) => {
    let clean = known.get(value);
    if (clean === undefined) {
      hidden ??= secrets();
      clean = hideSecrets(UNPRINTABLE.test(value) ? cleanLine(value) : value, hidden);
      known.set(value, clean);
    }
    return clean;
  };
}
