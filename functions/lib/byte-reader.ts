const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads what `ByteWriter` wrote, from untrusted bytes. Never throws: an invalid read returns 0 or "" and sets `broken`
 * permanently, so callers check once, after a loop bounded by `left`.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #broken = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** A read went past the end or found invalid data. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Bytes not read yet; 0 once broken. */
  get left(): number {
    return this.#broken ? 0 : this.#bytes.length - this.#at;
  }

  byte(): number {
    const value = this.#broken ? undefined : this.#bytes[this.#at];
    if (value === undefined) return this.#fail();
    this.#at++;
    return value;
  }

  unsigned(): number {
    const first = this.#bytes[this.#at];
    if (first !== undefined && first <= 0x7f && !this.#broken) {
      this.#at++;
      return first;
    }
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte <= 0x7f) return Number.isSafeInteger(value) && !this.#broken ? value : this.#fail();
    }
    return this.#fail();
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  text(): string {
    const length = this.unsigned();
    if (length > this.left) {
      this.#fail();
      return "";
    }
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    try {
      return decoder.decode(bytes);
    } catch {
      this.#fail();
      return "";
    }
  }

  #fail(): 0 {
    this.#broken = true;
    return 0;
  }
}
