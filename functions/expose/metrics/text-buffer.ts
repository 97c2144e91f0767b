import { EXEMPLAR_BYTES, NUMBER_BYTES } from "../../model/exposed-size.ts";

const encoder = new TextEncoder();
const NEWLINE = 10;
const ZERO = 48;
const HEX = encoder.encode("0123456789abcdef");
const TRACE_PREFIX = encoder.encode(' # {trace_id="');
const TRACE_SUFFIX = encoder.encode('"} ');
/** Text that waits to be sent. Larger pieces are no faster. */
const PIECE_BYTES = 64 * 1024;

/** The most bytes of a value with its exemplar and line end. */
export const VALUE_BYTES = NUMBER_BYTES + EXEMPLAR_BYTES + 1;

/**
 * Text under construction, sent in pieces, so that its memory does not grow with the answer. What lines are made of, the
 * fragments, is kept behind the room for the piece: copying within one buffer costs a third of building strings.
 */
export class TextBuffer {
  #pieceBytes = PIECE_BYTES;
  #bytes = new Uint8Array(2 * PIECE_BYTES);
  /** Of the piece. */
  #end = 0;
  /** Of the fragments, counted from the end of the piece's room. */
  #kept = 0;

  /** Bytes of all fragments. */
  get keptBytes(): number {
    return this.#kept;
  }

  /** Keeps a fragment; answers with its place, for `fragment`. It reaches to the place of the next one. */
  keep(text: string): number {
    const bytes = encoder.encode(text);
    const at = this.#kept;
    this.#reserve(this.#pieceBytes + at + bytes.length);
    this.#bytes.set(bytes, this.#pieceBytes + at);
    this.#kept += bytes.length;
    return at;
  }

  /** Whether a series of this many bytes still fits into the piece; if not, `take` makes room. */
  hasRoomFor(bytes: number): boolean {
    return this.#end + bytes <= this.#pieceBytes;
  }

  /** The piece so far, which is then empty, with room for at least `bytes`. */
  take(bytes = 0): Uint8Array<ArrayBuffer> {
    const piece = this.#bytes.slice(0, this.#end);
    this.#end = 0;
    if (bytes > this.#pieceBytes) this.#widen(bytes);
    return piece;
  }

  /** A kept fragment. */
  fragment(from: number, to: number): void {
    this.#bytes.copyWithin(this.#end, this.#pieceBytes + from, this.#pieceBytes + to);
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

  /** Makes the piece's room larger. Only while there is no piece. */
  #widen(bytes: number): void {
    const wider = new Uint8Array(bytes + this.#bytes.length - this.#pieceBytes);
    wider.set(this.#bytes.subarray(this.#pieceBytes, this.#pieceBytes + this.#kept), bytes);
    this.#bytes = wider;
    this.#pieceBytes = bytes;
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.ceil(size * 1.25));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
