import { parseArgs } from "node:util";
import { authorOf } from "../alerting/read-labels.ts";
import { type CommandContext, UsageError } from "../command.ts";
import { onlyLocalState } from "../local-state.ts";
import type { Place } from "./wrangler-kv.ts";

export const PUSH_USAGE = "FILE|--clear [--base FILE] [--author NAME] [--remote|--local [--persist-to DIR]]";

interface PushArguments {
  /** The file to push; undefined removes the override. */
  file: string | undefined;
  base: string;
  local: boolean;
  place: Place;
  /** Who pushes. */
  author: string;
}

const OPTIONS = {
  local: { type: "boolean" },
  remote: { type: "boolean" },
  clear: { type: "boolean" },
  base: { type: "string" },
  author: { type: "string" },
  "persist-to": { type: "string" },
} as const;

/** What `config push` is called with. Throws a `UsageError`. */
export function pushArguments(args: readonly string[], { env }: CommandContext): PushArguments {
  let parsed: ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message.split(". ")[0] : String(error));
  }
  const { values, positionals } = parsed;
  if (values.local && values.remote) throw new UsageError("--local and --remote exclude each other");
  if (values["persist-to"] !== undefined && !values.local) throw new UsageError("--persist-to needs --local");
  if (positionals.length > 1) throw new UsageError(`${positionals.length} files given; give one`);
  if (values.clear && positionals.length > 0) throw new UsageError("--clear takes no file");
  if (!values.clear && positionals.length === 0) throw new UsageError("no file given; give one, or --clear");
  const local = values.local === true;
  return {
    file: positionals[0],
    base: values.base ?? (env["WATCH_CONFIG"] || "watch.yaml"),
    local,
    author: authorOf(values.author, env),
    place: local ? { remote: false, state: values["persist-to"] ?? onlyLocalState() } : { remote: true },
  };
}
