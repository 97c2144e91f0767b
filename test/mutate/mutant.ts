/** One small change of a source file that a test should notice. */
export interface Mutant {
  /** From the root of the project. */
  path: string;
  /** From 1. */
  line: number;
  /** What is changed, in a few words. */
  what: string;
  /** Where the replaced text begins and ends. */
  start: number;
  end: number;
  replacement: string;
}

/** The file's text with the change. */
export const applied = ({ start, end, replacement }: Mutant, text: string): string =>
  text.slice(0, start) + replacement + text.slice(end);

/** The changed lines before and after, without indentation and as few as there are. */
export function changedLines(mutant: Mutant, text: string): { before: string; after: string } {
  const from = text.lastIndexOf("\n", mutant.start - 1) + 1;
  const next = text.indexOf("\n", mutant.end);
  const to = next < 0 ? text.length : next;
  const after = text.slice(from, mutant.start) + mutant.replacement + text.slice(mutant.end, to);
  return { before: oneLine(text.slice(from, to)), after: oneLine(after) };
}

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
