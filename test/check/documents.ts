import { existsSync, readFileSync } from "node:fs";
import { type Files, pathsBelow } from "./source-files.ts";

const AT_ROOT = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "proto/README.md"];

/** The documents that people read, by path. */
export function readDocuments(): Files {
  const docs = existsSync("docs") ? pathsBelow("docs").filter((path) => path.endsWith(".md")) : [];
  const paths = [...AT_ROOT.filter((path) => existsSync(path)), ...docs];
  return new Map(paths.map((path) => [path, readFileSync(path, "utf8")]));
}

/** A fenced block of code. */
export interface Fence {
  /** What stands after the fence: the language, and perhaps more. */
  info: string;
  /** Line of its first line of code, from 1. */
  line: number;
  lines: readonly string[];
  /** The last line before it that is not empty. */
  before: string;
}

/** A document in its parts: lines of prose (those of code are empty), and blocks of code. */
export interface Parts {
  prose: readonly string[];
  fences: readonly Fence[];
}

/** Takes a Markdown document apart. */
export function partsOfDocument(text: string): Parts {
  const prose: string[] = [];
  const fences: (Fence & { mark: string; lines: string[] })[] = [];
  let open: (typeof fences)[number] | undefined;
  let before = "";
  text.split("\n").forEach((line, i) => {
    const fence = /^ {0,3}(```+|~~~+)\s*(.*)$/.exec(line);
    if (open !== undefined) {
      if (fence?.[1]?.startsWith(open.mark) && fence[2] === "") open = undefined;
      else open.lines.push(line);
    } else if (fence !== null) {
      open = { mark: fence[1] ?? "", info: fence[2]?.trim() ?? "", line: i + 2, lines: [], before };
      fences.push(open);
    }
    const isProse = open === undefined && fence === null;
    prose.push(isProse ? line : "");
    if (isProse && line.trim() !== "") before = line.trim();
    else if (!isProse) before = "";
  });
  return { prose, fences: fences.map(({ info, line, lines, before }) => ({ info, line, lines, before })) };
}
