/**
 * Control characters, line and paragraph separators, and the invisible marks that reorder or hide the text around them;
 * not the joiners, which emoji and scripts are spelled with.
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu;

/** Text of others as one printable line: no control characters, no lone surrogates, no runs of space. */
export function cleanLine(text: string): string {
  return text.toWellFormed().replace(UNPRINTABLE, " ").replace(/\s+/g, " ").trim();
}

/** The same with its lines kept, at most one empty one between two. */
export function cleanLines(text: string): string {
  return text
    .split(/\r\n?|\n/)
    .map(cleanLine)
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
