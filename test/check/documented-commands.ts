import { type Fence, partsOfDocument } from "./documents.ts";
import type { Files } from "./source-files.ts";
import type { Verdict } from "./verdict.ts";

/**
 * What a block of commands needs, as the documents say it: `<!-- needs: product -->` on the line before the block, or
 * ```` ```sh needs=product ````. Without a mark it runs by itself, in a copy of the project.
 */
const NEEDS = {
  nothing: "run by themselves",
  product: "run while npm start does",
  account: "need an account, or an installation of one's own",
  gate: "are what the gate runs, or take as long",
} as const;
export type Needs = keyof typeof NEEDS;

/** A block of shell commands in a document; it is run as one script, so that `cd` and `export` last. */
export interface CommandBlock {
  /** `README.md:12` */
  place: string;
  needs: Needs;
  commands: readonly string[];
}

const SHELL = /^(sh|bash|shell|console)\b/;
const MARK = /^<!--\s*needs:\s*(\S*)\s*-->$/;

/** What nobody can run without an account or a network. */
const OUTSIDE =
  /\bwrangler (deploy|rollback|secret|d1|kv namespace|login|tail|versions|whoami)\b|\bnpm run deploy\b(?!.*--dry-run)|--remote\b|\bhttps:\/\//;
/** What asks a running product. */
const ASKS = /\b(localhost|127\.0\.0\.1):\d|npm run (-s )?zako -- (fault|clear)\b/;

/** All blocks of shell commands in the documents. */
export function commandBlocks(documents: Files): CommandBlock[] {
  return [...documents].flatMap(([path, text]) =>
    partsOfDocument(text)
      .fences.filter(({ info }) => SHELL.test(info))
      .map((fence) => ({
        place: `${path}:${fence.line}`,
        needs: needsOf(fence) as Needs,
        commands: commandsOf(fence),
      })),
  );
}

/** Judges the marks, and that every `npm run` names a script of the project. */
export function judgeCommands(documents: Files, scripts: readonly string[]): Verdict {
  const blocks = commandBlocks(documents);
  const faults = blocks.flatMap(({ place, needs, commands }) => [
    ...(Object.hasOwn(NEEDS, needs) ? [] : [`${place}: needs: ${needs} is none of ${Object.keys(NEEDS).join(", ")}`]),
    ...(commands.length === 0 ? [`${place}: has no command`] : []),
    ...commands.flatMap((command) => {
      const found: string[] = [];
      for (const [, name = ""] of command.matchAll(/\bnpm run (?:-s |--silent )?([\w:-]+)/g))
        if (!scripts.includes(name)) found.push(`${place}: there is no script ${name}: ${command}`);
      if (needs !== "account" && OUTSIDE.test(command))
        found.push(`${place}: needs an account, and is not marked: ${command}`);
      else if (needs === "nothing" && ASKS.test(command))
        found.push(`${place}: needs the product, and is not marked: ${command}`);
      return found;
    }),
  ]);
  const count = (one: Needs): number =>
    blocks.filter(({ needs }) => needs === one).reduce((sum, { commands }) => sum + commands.length, 0);
  const counts = (Object.keys(NEEDS) as Needs[]).map((one) => `${count(one)} ${NEEDS[one]}`);
  return { faults, notes: [`commands: ${counts.join(", ")}`] };
}

function needsOf({ info, before }: Fence): string {
  return /\bneeds=(\S+)/.exec(info)?.[1] ?? MARK.exec(before)?.[1] ?? "nothing";
}

/** The commands of a block: without comments, with continued lines and here-documents as one. */
function commandsOf({ info, lines }: Fence): string[] {
  const isConsole = info.startsWith("console");
  const commands: string[] = [];
  let open = false;
  let until: string | undefined;
  for (const line of lines) {
    if (open || until !== undefined) commands.push(`${commands.pop()}\n${line.replace(isConsole ? /^> / : /^$/, "")}`);
    // In a console what has no prompt is what was printed.
    else if (isConsole ? line.startsWith("$ ") : line.trim() !== "" && !line.trim().startsWith("#"))
      commands.push(isConsole ? line.slice(2) : line);
    else continue;
    if (until === undefined) until = /<<-?\s*['"]?(\w+)['"]?/.exec(line)?.[1];
    else if (line.trim() === until) until = undefined;
    open = until === undefined && line.endsWith("\\");
  }
  return commands;
}
