const encoder = new TextEncoder();

/** Writes numbers and text into a growing byte array, numbers as little-endian base-128 varints. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1 in 1 to 8 bytes. Throws a RangeError for anything else. */
  unsigned(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`Cannot write ${value} as a varint: it is not a whole number from 0 to 2^53 - 1`);
    }
    this.#grow(8);
    let rest = value;
    // Bit operators are fast, but only handle 31 bits.
    while (rest > 0x7fff_ffff) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  /** A whole number between -2^52 and 2^52; small magnitudes take few bytes. Throws a RangeError for anything else. */
  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Length in bytes, then UTF-8. Lone surrogates become U+FFFD. */
  text(value: string): void {
    const bytes = encoder.encode(value);
    this.unsigned(bytes.length);
    this.append(bytes);
  }

  append(bytes: Uint8Array): void {
    this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A view of the written bytes, valid until the next write. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(by: number): void {
    if (this.#length + by <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + by));
    larger.set(this.view());
    this.#bytes = larger;
  }
}
