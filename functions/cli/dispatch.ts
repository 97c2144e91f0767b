import { nearest } from "../config/suggest.ts";
import { type Command, type CommandContext, UsageError } from "./command.ts";

const call = ({ name, usage }: Command): string => `npm run cli -- ${name}${usage === "" ? "" : ` ${usage}`}`;

const help = (commands: readonly Command[]): string =>
  commands.map((command) => `${call(command)}\n    ${command.summary}`).join("\n");

/** The words that were meant to name a command: those before the first option or file. */
const wordsOf = (args: readonly string[]): string =>
  args
    .slice(0, 2)
    .filter((arg) => /^[A-Za-z-]+$/.test(arg) && !arg.startsWith("-"))
    .join(" ");

/** Runs the command that the arguments name. Answers with the exit code, at once where the command does. */
export function dispatch(
  args: readonly string[],
  commands: readonly Command[],
  context: CommandContext,
): number | Promise<number> {
  const [first] = args;
  if (first === "help" || args.includes("--help") || args.includes("-h")) {
    context.print(help(commands));
    return 0;
  }
  const command = commands.find(({ name }) => name.split(" ").every((word, i) => args[i] === word));
  if (command === undefined) {
    const words = wordsOf(args);
    const meant = nearest(
      words,
      commands.map(({ name }) => name),
    );
    const found = first === undefined ? "no command given" : `${JSON.stringify(words || first)} is not a command`;
    context.complain(
      meant === undefined ? `${found}; the commands are:\n${help(commands)}` : `${found}; did you mean "${meant}"?`,
    );
    return 2;
  }
  const calledWrongly = (error: unknown): number => {
    if (!(error instanceof UsageError)) throw error;
    context.complain(`${command.name}: ${error.message}; usage: ${call(command)}`);
    return 2;
  };
  try {
    const code = command.run(args.slice(command.name.split(" ").length), context);
    return typeof code === "number" ? code : code.catch(calledWrongly);
  } catch (error) {
    return calledWrongly(error);
  }
}
