import type { Issue, Path } from "./issue.ts";
import { SECRET_KEYS } from "./issue.ts";

/** `${NAME}`, `${NAME:-default}` and `$NAME` alone, as shells, Compose and Gatus write them. */
const VARIABLE = /\$\{\s*([A-Za-z_]\w*)[^}]*\}|^\$([A-Z_][A-Z0-9_]*)$/;
const DEEPEST = 100;

/** Values that ask for a variable of the environment: nothing expands them, so they would be taken as they stand. */
export function unexpanded(value: unknown, path: Path = []): Issue[] {
  if (path.length > DEEPEST) return [];
  if (typeof value === "string") {
    const [, braced, bare = braced] = VARIABLE.exec(value) ?? [];
    if (bare === undefined) return [];
    const isSecret = path.some((part) => SECRET_KEYS.includes(String(part)));
    const instead = isSecret
      ? `a secret is named, not written: write ${bare}, and set it with \`wrangler secret put ${bare}\``
      : `write the value itself, or make the file with a tool such as envsubst`;
    return [
      { path, message: `asks for the variable ${bare} of the environment, and variables are not expanded; ${instead}` },
    ];
  }
  if (Array.isArray(value)) return value.flatMap((inner, i) => unexpanded(inner, [...path, i]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => unexpanded(inner, [...path, key]));
}
