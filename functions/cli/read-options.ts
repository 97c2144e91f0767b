import { type ParseArgsConfig, parseArgs } from "node:util";
import { suggestion } from "../config/suggest.ts";
import { UsageError } from "./command.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** A command's options and positional arguments. */
export type ReadOptions<T extends Options> = ReturnType<typeof parseArgs<{ options: T; allowPositionals: true }>>;

/** Reads a command line. Throws a `UsageError` that says what is wrong with it. */
export function readOptions<const T extends Options>(args: readonly string[], options: T): ReadOptions<T> {
  const names = Object.keys(options).map((name) => `--${name}`);
  const unknown = args.find((arg) => arg.startsWith("--") && arg !== "--" && !names.includes(arg.split("=")[0] ?? ""));
  if (unknown !== undefined) {
    const [name = ""] = unknown.split("=");
    throw new UsageError(`${JSON.stringify(name)} is not an option${suggestion(name, names)}`);
  }
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true }) as ReadOptions<T>;
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error));
  }
}

/** The only positional argument of a command; undefined where it has none. */
export function onlyOne(positionals: readonly string[], what: string): string | undefined {
  if (positionals.length > 1) throw new UsageError(`${positionals.length} arguments given; give at most one ${what}`);
  return positionals[0];
}
