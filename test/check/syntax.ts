import { type Comment, type Node, type Program, parseSync } from "oxc-parser";

/** A parsed TypeScript file. */
export interface Syntax {
  program: Program;
  comments: readonly Comment[];
  /** Line, from 1, of a place in the text. */
  lineAt(offset: number): number;
}

/** Parses TypeScript; throws where it is none. */
export function parse(path: string, text: string): Syntax {
  const { program, comments, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path} cannot be parsed: ${error.message}`);
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return { program, comments, lineAt: (offset) => starts.findLastIndex((start) => start <= offset) + 1 };
}

/** Visits a node and all below it, each with what it stands in, from the parent outwards. */
export function walk(
  node: Node,
  visit: (node: Node, parent?: Node, outer?: Node) => void,
  parent?: Node,
  outer?: Node,
): void {
  visit(node, parent, outer);
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, visit, node, parent);
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && "start" in value;
