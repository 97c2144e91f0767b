const DOTLESS_I = 0x131;

/**
 * The same code point for all that differ only in case: Unicode's simple case folding, as RE2 and the `iu` flags of
 * JavaScript have it. `k`, `K` and the Kelvin sign are one; `ß` and `ss` are not.
 */
export function foldCase(codePoint: number): number {
  if (codePoint < 0x80) return codePoint >= 0x41 && codePoint <= 0x5a ? codePoint + 0x20 : codePoint;
  // Its capital is the I of ASCII, but folding keeps the two apart.
  if (codePoint === DOTLESS_I) return codePoint;
  return single(single(codePoint, "toUpperCase"), "toLowerCase");
}

/** The other case where that is one code point; else the same. */
function single(codePoint: number, change: "toUpperCase" | "toLowerCase"): number {
  const changed = String.fromCodePoint(codePoint)[change]();
  const other = changed.codePointAt(0) as number;
  return changed.length === (other > 0xffff ? 2 : 1) ? other : codePoint;
}
