import { userInfo } from "node:os";
import type { AlertLabels } from "../../model/alerting/alert.ts";
import { parseMatchers } from "../../model/alerting/parse-matchers.ts";
import { UsageError } from "../command.ts";

/** Labels as a person writes them: `target=cas-eu,severity=critical`, with quotes around values that need them. */
export function readLabelsOption(option: string, text: string): AlertLabels {
  const parsed = parseMatchers(text);
  if (!parsed.ok) throw new UsageError(`${option}: ${parsed.problem.replace(/\.$/, "")}`);
  const other = parsed.matchers.find(({ op }) => op !== "=");
  if (other !== undefined)
    throw new UsageError(`${option}: labels are set with =, not with ${other.op}; write ${other.name}=VALUE`);
  return Object.fromEntries(parsed.matchers.map(({ name, value }) => [name, value]));
}

/** `--author`, else the user who is logged in. */
export function authorOf(asked: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
  const author = asked ?? (env["USER"] || env["USERNAME"] || accountName());
  if (author === undefined) throw new UsageError("--author is missing: give your name, so that others can ask you");
  return author;
}

function accountName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // An account without a name, as in some containers.
    return undefined;
  }
}

/** Labels on one line, without those that have a column of their own. */
export const spellLabels = (labels: AlertLabels, without: readonly string[] = []): string =>
  Object.entries(labels)
    .filter(([name]) => !without.includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${/^[\w.:/-]+$/.test(value) ? value : JSON.stringify(value)}`)
    .join(" ");
