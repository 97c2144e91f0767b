import type { ProbeKind } from "../probe/kind.ts";

/** What a command works with besides its arguments. */
export interface CommandContext {
  kinds: readonly ProbeKind[];
  env: Readonly<Record<string, string | undefined>>;
  /** One line, or several, without the last line's end. */
  print: (text: string) => void;
  complain: (text: string) => void;
}

/** A command of `npm run cli --`. */
export interface Command {
  /** The words that call it. */
  name: string;
  /** What may follow them. */
  usage: string;
  summary: string;
  /** Answers with the exit code: 0 all well, 1 found something wrong, 2 was called wrongly (then it throws `UsageError`). */
  run(args: readonly string[], context: CommandContext): number | Promise<number>;
}

/** The command line itself is wrong; the message says how. */
export class UsageError extends Error {
  override name = "UsageError";
}
