/** What a packed number begins with: the eight bytes of a float64 follow, it is NaN, or a whole number this much lower. */
const RAW = 0;
const NOT_A_NUMBER = 1;
const WHOLE = 2;

/** The most bytes that a number takes. */
const MAX_BYTES = 9;
/** Whole numbers below this are written as base-128 varints. */
const WHOLE_BELOW = 2 ** 49;

/** Bytes that `packNumbers` makes of these numbers. */
export function packedSize(values: Float64Array): number {
  let bytes = 0;
  for (const value of values) {
    if (isSmall(value)) for (let rest = value + WHOLE; rest >= 1; rest = Math.floor(rest / 0x80)) bytes++;
    else bytes += Number.isNaN(value) ? 1 : MAX_BYTES;
  }
  return bytes;
}

/**
 * Packs numbers of which most are small and whole, such as counts: those take one byte to seven, NaN takes one, and all
 * others nine. Nothing is lost but the sign of zero. The bytes begin at `headBytes`; those before are left to the caller.
 */
export function packNumbers(parts: readonly Float64Array[], headBytes: number): Uint8Array<ArrayBuffer> {
  const count = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(headBytes + count * MAX_BYTES);
  const raw = new DataView(bytes.buffer);
  let at = headBytes;
  for (const part of parts)
    for (const value of part) {
      if (isSmall(value)) {
        let rest = value + WHOLE;
        // Bit operators are fast, but cut what is above 31 bits.
        while (rest > 0x7fff_ffff) {
          bytes[at++] = (rest % 0x80) | 0x80;
          rest = Math.floor(rest / 0x80);
        }
        while (rest > 0x7f) {
          bytes[at++] = (rest & 0x7f) | 0x80;
          rest >>>= 7;
        }
        bytes[at++] = rest;
      } else if (!Number.isNaN(value)) {
        bytes[at] = RAW;
        raw.setFloat64(at + 1, value, true);
        at += MAX_BYTES;
      } else bytes[at++] = NOT_A_NUMBER;
    }
  return bytes.slice(0, at);
}

/** Unpacks exactly `count` numbers that take all bytes from `headBytes` on; undefined where these are something else. */
export function unpackNumbers(bytes: Uint8Array, headBytes: number, count: number): Float64Array | undefined {
  // One byte is the least that a number takes, so a count that is made up cannot make us reserve much.
  if (count > bytes.length - headBytes) return undefined;
  const values = new Float64Array(count);
  const raw = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = headBytes;
  for (let i = 0; i < count; i++) {
    if (bytes[at] === RAW) {
      if (at + MAX_BYTES > bytes.length) return undefined;
      values[i] = raw.getFloat64(at + 1, true);
      at += MAX_BYTES;
      continue;
    }
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = bytes[at++];
      if (byte === undefined || scale > WHOLE_BELOW) return undefined;
      value += (byte & 0x7f) * scale;
      if (byte <= 0x7f) break;
    }
    values[i] = value === NOT_A_NUMBER ? Number.NaN : value - WHOLE;
  }
  return at === bytes.length ? values : undefined;
}

const isSmall = (value: number): boolean => value >= 0 && value < WHOLE_BELOW && Math.floor(value) === value;
