import type { CommandContext } from "../command.ts";
import type { Loaded } from "./compile-text.ts";
import { configArguments } from "./config-arguments.ts";
import { loadConfig } from "./load-config.ts";

/** Loads the file of a command that takes `[FILE] [--local]`. Undefined where it cannot be used, which was then said. */
export function readConfig(args: readonly string[], context: CommandContext): (Loaded & { ok: true }) | undefined {
  const { file, local } = configArguments(args, context);
  return loadOrComplain(file, local, context);
}

/** Loads a file. Undefined where it cannot be used, which was then said. */
export function loadOrComplain(
  file: string,
  local: boolean,
  { kinds, complain }: CommandContext,
): (Loaded & { ok: true }) | undefined {
  const loaded = loadConfig(file, kinds, { local });
  if (loaded.ok) return loaded;
  for (const line of loaded.errors) complain(line);
  return undefined;
}
