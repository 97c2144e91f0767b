// Parameters of RFC 3492, section 5.
const BASE = 36;
const FIRST_THRESHOLD = 1;
const LAST_THRESHOLD = 26;
const SKEW = 38;
const DAMP = 700;
const FIRST_BIAS = 72;
const FIRST_CODE_POINT = 0x80;
const LAST_CODE_POINT = 0x10ffff;

/** Decodes a Punycode label without its `xn--` (RFC 3492, section 6.2); undefined if invalid. */
export function decodePunycode(label: string): string | undefined {
  const delimiter = label.lastIndexOf("-");
  const points = [...label.slice(0, Math.max(0, delimiter))].map((letter) => letter.codePointAt(0) as number);
  let point = FIRST_CODE_POINT;
  let bias = FIRST_BIAS;
  let at = 0;
  let from = delimiter + 1;
  while (from < label.length) {
    const before = at;
    let weight = 1;
    for (let k = BASE; ; k += BASE) {
      const digit = digitOf(label.charCodeAt(from++));
      if (digit === undefined) return undefined;
      at += digit * weight;
      if (at > Number.MAX_SAFE_INTEGER / BASE) return undefined;
      const threshold = Math.min(Math.max(k - bias, FIRST_THRESHOLD), LAST_THRESHOLD);
      if (digit < threshold) break;
      weight *= BASE - threshold;
    }
    const length = points.length + 1;
    bias = adapt(at - before, length, before === 0);
    point += Math.floor(at / length);
    if (point > LAST_CODE_POINT || (point >= 0xd800 && point <= 0xdfff)) return undefined;
    at %= length;
    points.splice(at++, 0, point);
  }
  return String.fromCodePoint(...points);
}

function digitOf(code: number): number | undefined {
  if (code >= 0x61 && code <= 0x7a) return code - 0x61;
  if (code >= 0x41 && code <= 0x5a) return code - 0x41;
  return code >= 0x30 && code <= 0x39 ? code - 0x30 + 26 : undefined;
}

function adapt(delta: number, length: number, first: boolean): number {
  let left = Math.floor(first ? delta / DAMP : delta / 2);
  left += Math.floor(left / length);
  let k = 0;
  while (left > ((BASE - FIRST_THRESHOLD) * LAST_THRESHOLD) / 2) {
    left = Math.floor(left / (BASE - FIRST_THRESHOLD));
    k += BASE;
  }
  return k + Math.floor(((BASE - FIRST_THRESHOLD + 1) * left) / (left + SKEW));
}
