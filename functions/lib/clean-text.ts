/**
 * Control characters, line and paragraph separators, and invisible marks that reorder or hide text. Joiners are not
 * included, because emoji and some scripts need them.
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu;

/** Foreign text as one printable line: no control characters, no lone surrogates, no repeated spaces. */
export function cleanLine(text: string): string {
  return text.toWellFormed().replace(UNPRINTABLE, " ").replace(/\s+/g, " ").trim();
}

/** The same, but keeps lines, with at most one empty line between two. */
export function cleanLines(text: string): string {
  return text
    .split(/\r\n?|\n/)
    .map(cleanLine)
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
