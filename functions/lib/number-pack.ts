/** First byte of a packed number: a float64 follows, NaN, or a whole number plus this offset. */
const RAW = 0;
const NOT_A_NUMBER = 1;
const WHOLE = 2;

/** Maximum bytes of a number. */
const MAX_BYTES = 9;
/** Whole numbers below this are written as base-128 varints. */
const WHOLE_BELOW = 2 ** 49;

/** Size of the numbers when packed. */
export function packedSize(values: Float64Array): number {
  let bytes = 0;
  for (const value of values) {
    if (isSmall(value)) for (let rest = value + WHOLE; rest >= 1; rest = Math.floor(rest / 0x80)) bytes++;
    else bytes += Number.isNaN(value) ? 1 : MAX_BYTES;
  }
  return bytes;
}

/**
 * Packs numbers that are mostly small and whole, such as counts: these take one to seven bytes, NaN takes one, and others
 * take nine. Lossless except for the sign of zero. Data starts at `headBytes`; the bytes before are the caller's.
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
        // Bit operators are fast, but only handle 31 bits.
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

/** Unpacks exactly `count` numbers from all bytes after `headBytes`; undefined if the bytes are invalid. */
export function unpackNumbers(bytes: Uint8Array, headBytes: number, count: number): Float64Array | undefined {
  // A number takes at least one byte, so a forged count cannot cause a large allocation.
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
