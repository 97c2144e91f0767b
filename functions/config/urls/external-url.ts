import * as z from "zod";
import { optional } from "../../lib/leaf.ts";
import { type Issue, show } from "../issue.ts";

/** The `external_url` key; what is wrong with its value depends on the run, so that is said by `compileExternalUrl`. */
export const externalUrl = optional(z.string().max(2_048), {
  description: "Origin under which people reach this installation, for links in alerts and rules. Default: no links.",
  example: "https://watch.example",
});

function problemOf(text: string, local: boolean): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^[a-z]+:\/\//i.test(text)) return "is not a URL; give an origin such as https://watch.example";
  if (url.username !== "" || url.password !== "" || text.includes("@"))
    return "contains credentials, which every alert would show; remove them";
  if (url.protocol !== "https:" && !(local && url.protocol === "http:"))
    return url.protocol === "http:" ? "is not encrypted; use https" : "is not an https URL; give one";
  if (/[?#]/.test(text)) return "has a query or a fragment; give only the origin";
  if (url.pathname !== "/") return `has a path; give only the origin, ${url.origin}`;
  if (/[\s\\]/.test(text)) return "contains a space or a backslash; remove it";
  return undefined;
}

/** The origin without a slash at the end; undefined where none is given, or it is wrong. `local` admits http. */
export function compileExternalUrl(text: string | undefined, local: boolean, issues: Issue[]): string | undefined {
  if (text === undefined) return undefined;
  const path = ["external_url"];
  const problem = problemOf(text, local);
  if (problem === undefined) return new URL(text).origin;
  // Whatever comes before an @ or after a ? may be a secret.
  const shown = /[@?#]/.test(text) ? "this URL (not shown, it may hold a secret)" : show(text, path);
  issues.push({ path, message: `${shown} ${problem}` });
  return undefined;
}
