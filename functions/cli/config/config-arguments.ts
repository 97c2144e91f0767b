import { suggestion } from "../../config/suggest.ts";
import { type CommandContext, UsageError } from "../command.ts";

/** What a command about a configuration file is called with. */
export interface ConfigArguments {
  file: string;
  local: boolean;
}

const LOCAL = "--local";

/** `[FILE] [--local]`; without them WATCH_CONFIG and WATCH_LOCAL=1, as in the build. */
export function configArguments(args: readonly string[], { env }: CommandContext): ConfigArguments {
  const options = args.filter((arg) => arg.startsWith("-"));
  const files = args.filter((arg) => !arg.startsWith("-"));
  const unknown = options.find((option) => option !== LOCAL);
  if (unknown !== undefined)
    throw new UsageError(`${JSON.stringify(unknown)} is not an option${suggestion(unknown, [LOCAL])}`);
  if (files.length > 1) throw new UsageError(`${files.length} files given; give at most one`);
  return {
    file: files[0] ?? (env["WATCH_CONFIG"] || "watch.yaml"),
    local: options.length > 0 || env["WATCH_LOCAL"] === "1",
  };
}

/** For commands that take nothing. */
export function noArguments(args: readonly string[]): void {
  if (args.length > 0)
    throw new UsageError(`${JSON.stringify(args[0])} is not expected; this command takes no arguments`);
}
