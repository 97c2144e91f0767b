import type { Node } from "oxc-parser";
import type { Files } from "./source-files.ts";
import { parse, walk } from "./syntax.ts";
import type { Verdict } from "./verdict.ts";

const MOST_FUNCTION_LINES = 60;
const MOST_FILE_LINES = 250;
const MOST_FILE_LINES_EVER = 400;
const MOST_ALLOWED = 5;

/** Something that may be long, and why. Without `name` it is the file as a whole. */
export interface Allowed {
  file: string;
  name?: string;
  why: string;
}

/** Functions past 60 lines (at most five) and files past 250, each with its reason. */
export const ALLOWED_LENGTHS: readonly Allowed[] = [
  { file: "functions/monitor/monitor-core.ts", why: "What claims, runs and reloads share one private state." },
  { file: "functions/store/alerter/alerter-shapes.ts", why: "A table: one entry per stored record." },
];

interface LongFunction {
  name: string;
  line: number;
  lines: number;
}

/** Names the functions past 60 lines that nobody has given a reason for, and the files past 250. */
export function judgeLengths(files: Files, allowed: readonly Allowed[] = ALLOWED_LENGTHS): Verdict {
  const faults: string[] = [];
  const used = new Set<Allowed>();
  const isAllowed = (file: string, name?: string): boolean => {
    const found = allowed.find((one) => one.file === file && one.name === name);
    if (found !== undefined) used.add(found);
    return found !== undefined;
  };
  for (const [file, text] of files) {
    for (const { name, line, lines } of longFunctions(file, text)) {
      if (!isAllowed(file, name))
        faults.push(`${file}:${line}: ${name} has ${lines} lines, more than ${MOST_FUNCTION_LINES}: cut it in parts`);
    }
    const lines = text.trimEnd().split("\n").length;
    if (lines > MOST_FILE_LINES_EVER)
      faults.push(`${file} has ${lines} lines, more than ${MOST_FILE_LINES_EVER}: split it`);
    else if (lines > MOST_FILE_LINES && !isAllowed(file))
      faults.push(`${file} has ${lines} lines, more than ${MOST_FILE_LINES}: split it, or give a reason`);
  }
  for (const { file, name } of allowed.filter((one) => !used.has(one)))
    faults.push(`${name ?? "the length"} of ${file} needs no reason any more: take it off the list`);
  const functions = allowed.filter(({ name }) => name !== undefined).length;
  if (functions > MOST_ALLOWED) faults.push(`${functions} functions are allowed to be long, more than ${MOST_ALLOWED}`);
  return { faults, notes: [`functions past ${MOST_FUNCTION_LINES} lines that have a reason: ${functions}`] };
}

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

/** The functions of a file that are too long; lines from the first of the signature to the closing brace. */
export function longFunctions(file: string, text: string): LongFunction[] {
  const { program, lineAt } = parse(file, text);
  const found: LongFunction[] = [];
  walk(program, (node, parent) => {
    if (!FUNCTIONS.has(node.type)) return;
    const start = parent?.type === "MethodDefinition" ? parent.start : node.start;
    const line = lineAt(start);
    const lines = lineAt(node.end - 1) - line + 1;
    if (lines > MOST_FUNCTION_LINES) found.push({ name: nameOf(node, parent), line, lines });
  });
  return found;
}

function nameOf(node: Node, parent: Node | undefined): string {
  if ("id" in node && node.id !== null && "name" in node.id) return String(node.id.name);
  if (parent?.type === "VariableDeclarator" && parent.id.type === "Identifier") return parent.id.name;
  if (parent !== undefined && "key" in parent && typeof parent.key === "object" && "name" in parent.key)
    return String(parent.key.name);
  return "a function without a name";
}
