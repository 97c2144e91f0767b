const ELLIPSIS = "…";

/**
 * Shortens a text to at most `limit` UTF-16 units, between two code points, with "…" at the end if something was removed.
 * `escaped` is applied to each code point and counted: an escape sequence is never cut. A text that fits is not changed.
 */
export function shorten(text: string, limit: number, escaped: (codePoint: string) => string = (c) => c): string {
  if (limit < ELLIPSIS.length) return "";
  let out = "";
  /** Length of the longest prefix with room for the ellipsis. */
  let room = 0;
  for (const codePoint of text) {
    const piece = escaped(codePoint);
    if (out.length + piece.length > limit) return out.slice(0, room) + ELLIPSIS;
    out += piece;
    if (out.length + ELLIPSIS.length <= limit) room = out.length;
  }
  return out;
}
