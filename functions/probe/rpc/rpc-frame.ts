/** Bytes before each frame's data: one of flags, four of length, big-endian, in Connect streams and gRPC-Web alike. */
const prefixBytes = 5;

/** One frame of a stream. */
export interface Frame {
  /** 0 for a plain message. Bit 0 means compression, and bit 1 (Connect) or 7 (gRPC-Web) the end. */
  readonly flags: number;
  readonly data: Uint8Array;
}

/** Puts each message into a plain frame; all frames are in one array. */
export function encodeFrames(messages: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let size = 0;
  for (const message of messages) size += prefixBytes + message.byteLength;
  const body = new Uint8Array(size);
  const view = new DataView(body.buffer);
  let offset = 0;
  for (const message of messages) {
    view.setUint32(offset + 1, message.byteLength);
    body.set(message, offset + prefixBytes);
    offset += prefixBytes + message.byteLength;
  }
  return body;
}

/**
 * Splits a stream of chunks into frames. Buffers at most the received bytes of an unfinished frame; a frame inside one
 * chunk is a view of it. A frame longer than `maxFrameBytes` is reported as soon as its length is known.
 */
export class FrameParser {
  readonly #maxFrameBytes: number;
  #chunks: Uint8Array[] = [];
  #available = 0;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Whether a frame is incomplete. */
  get pending(): boolean {
    return this.#available > 0;
  }

  /** Adds received bytes; `next` returns the frames. */
  feed(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return;
    this.#chunks.push(chunk);
    this.#available += chunk.byteLength;
  }

  /** The next complete frame, undefined if there is none yet, or `oversize`, after which the parser is unusable. */
  next(): Frame | "oversize" | undefined {
    if (this.#available < prefixBytes) return undefined;
    const head = this.#contiguous(prefixBytes);
    const length = new DataView(head.buffer, head.byteOffset).getUint32(1);
    if (length > this.#maxFrameBytes) return "oversize";
    const size = prefixBytes + length;
    if (this.#available < size) return undefined;
    const first = this.#contiguous(size);
    if (first.byteLength === size) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(size);
    this.#available -= size;
    return { flags: first[0] ?? 0, data: first.subarray(prefixBytes, size) };
  }

  /** The first chunk, joined with as many others as needed for `size` bytes. Callers ensure that they exist. */
  #contiguous(size: number): Uint8Array {
    const [first] = this.#chunks;
    if (first !== undefined && first.byteLength >= size) return first;
    let joinedBytes = 0;
    let count = 0;
    for (const chunk of this.#chunks) {
      joinedBytes += chunk.byteLength;
      count += 1;
      if (joinedBytes >= size) break;
    }
    const joined = new Uint8Array(joinedBytes);
    let offset = 0;
    for (const chunk of this.#chunks.splice(0, count)) {
      joined.set(chunk, offset);
      offset += chunk.byteLength;
    }
    this.#chunks.unshift(joined);
    return joined;
  }
}
