const encoder = new TextEncoder();
const NEWLINE = 10;
const ZERO = 48;

/** The most bytes a number takes: `-1.2345678901234567e-308` has 24. */
const NUMBER_BYTES = 24;
const HEX = encoder.encode("0123456789abcdef");
const TRACE_PREFIX = encoder.encode(' # {trace_id="');
const TRACE_SUFFIX = encoder.encode('"} ');
const EXEMPLAR_BYTES = TRACE_PREFIX.length + 32 + TRACE_SUFFIX.length + NUMBER_BYTES + 1 + NUMBER_BYTES;

/**
 * Bytes under construction. What stands before the values, the heads, is kept at the front from one rendering to the
 * next, and the text is written behind it: copying a head within one buffer costs a third of building strings
 * (2.1 ms against 5.3 to 9 for 27,000 lines).
 */
export class Page {
  #bytes = new Uint8Array(64 * 1024);
  #headsEnd = 0;
  #end = 0;

  /** Bytes of all heads. */
  get headBytes(): number {
    return this.#headsEnd;
  }

  /** Where the next byte goes. */
  get end(): number {
    return this.#end;
  }

  /** Forgets all heads. */
  clear(): void {
    this.#headsEnd = 0;
  }

  /** Keeps heads; head `i` then stands from `starts[i]` to `starts[i + 1]`. Not while a text is being written. */
  keep(heads: readonly string[]): Uint32Array {
    const starts = new Uint32Array(heads.length + 1);
    const text = heads.join("");
    this.#reserve(this.#headsEnd + text.length * 3, this.#headsEnd);
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(this.#headsEnd));
    for (const [i, head] of heads.entries()) {
      starts[i] = this.#headsEnd;
      // One call for all is four times faster, but tells the places only where each character is one byte.
      this.#headsEnd += written === text.length ? head.length : encoder.encode(head).length;
    }
    starts[heads.length] = this.#headsEnd;
    return starts;
  }

  /** Starts a text that will take no more than this; room is made once, and no line asks for it again. */
  begin(most: { bytes: number; lines: number; exemplars: number }): void {
    const size = most.bytes + most.lines * (NUMBER_BYTES + 1) + most.exemplars * EXEMPLAR_BYTES;
    this.#reserve(this.#headsEnd + size, this.#headsEnd);
    this.#end = this.#headsEnd;
  }

  /** A copy of the text. */
  finish(): Uint8Array<ArrayBuffer> {
    if (this.#end > this.#bytes.length)
      throw new RangeError("Cannot finish the page: more was written than announced.");
    return this.#bytes.slice(this.#headsEnd, this.#end);
  }

  /** Takes back everything from `end` on. */
  rewind(end: number): void {
    this.#end = end;
  }

  /** The kept bytes of a head. */
  head(from: number, to: number): void {
    this.#bytes.copyWithin(this.#end, from, to);
    this.#end += to - from;
  }

  raw(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  newline(): void {
    this.#bytes[this.#end++] = NEWLINE;
  }

  /** A number as both formats spell it. Whole ones below 2^31, nearly all there are, make no string. */
  number(value: number): void {
    const whole = value | 0;
    if (whole !== value || whole < 0) {
      this.#ascii(
        value === Number.POSITIVE_INFINITY ? "+Inf" : value === Number.NEGATIVE_INFINITY ? "-Inf" : `${value}`,
      );
      return;
    }
    let digits = 1;
    for (let bound = 10; whole >= bound; bound *= 10) digits++;
    this.#end += digits;
    let at = this.#end;
    for (let left = whole; digits > 0; digits--) {
      const tens = (left / 10) | 0;
      this.#bytes[--at] = ZERO + left - tens * 10;
      left = tens;
    }
  }

  /** An exemplar to the value before it. The trace id comes as four numbers of 32 bits, `at` is in seconds. */
  exemplar(traceId: Float64Array, value: number, at: number): void {
    this.raw(TRACE_PREFIX);
    for (let i = 0; i < 4; i++) this.#hex(traceId[i] as number);
    this.raw(TRACE_SUFFIX);
    this.number(value);
    this.#ascii(" ");
    this.number(at);
  }

  #hex(word: number): void {
    for (let shift = 28; shift >= 0; shift -= 4) this.#bytes[this.#end++] = HEX[(word >>> shift) & 15] as number;
  }

  #ascii(text: string): void {
    for (let i = 0; i < text.length; i++) this.#bytes[this.#end++] = text.charCodeAt(i);
  }

  #reserve(size: number, used: number): void {
    if (size <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.ceil(size * 1.25));
    larger.set(this.#bytes.subarray(0, used));
    this.#bytes = larger;
  }
}
