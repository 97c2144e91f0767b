const DOTLESS_I = 0x131;

/**
 * Maps code points that differ only in case to the same one: Unicode's simple case folding, as in RE2 and with JavaScript's
 * `iu` flags. `k`, `K` and the Kelvin sign are equal; `ß` and `ss` are not.
 */
export function foldCase(codePoint: number): number {
  if (codePoint < 0x80) return codePoint >= 0x41 && codePoint <= 0x5a ? codePoint + 0x20 : codePoint;
  // Its upper case is the ASCII I, but folding keeps the two apart.
  if (codePoint === DOTLESS_I) return codePoint;
  return single(single(codePoint, "toUpperCase"), "toLowerCase");
}

/** The other case if it is a single code point; otherwise the same code point. */
function single(codePoint: number, change: "toUpperCase" | "toLowerCase"): number {
  const changed = String.fromCodePoint(codePoint)[change]();
  const other = changed.codePointAt(0) as number;
  return changed.length === (other > 0xffff ? 2 : 1) ? other : codePoint;
}
