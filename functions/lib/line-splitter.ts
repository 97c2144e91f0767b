const LINE_FEED = 0x0a;

/** Splits a stream of bytes into lines. Buffers at most one line of `maxBytes`. */
export class LineSplitter {
  readonly #maxBytes: number;
  readonly #onLine: (line: Uint8Array | "long") => void;
  /** Pieces of the incomplete line. */
  #open: Uint8Array[] = [];
  #openBytes = 0;

  /** `onLine` receives each line without its line end, to be read at once; for a line that is too long, only that it existed. */
  constructor(maxBytes: number, onLine: (line: Uint8Array | "long") => void) {
    this.#maxBytes = maxBytes;
    this.#onLine = onLine;
  }

  take(chunk: Uint8Array): void {
    let from = 0;
    for (let to = chunk.indexOf(LINE_FEED); to !== -1; to = chunk.indexOf(LINE_FEED, from)) {
      this.#end(chunk.subarray(from, to));
      from = to + 1;
    }
    this.#hold(chunk.subarray(from));
  }

  /** The rest after the last line end; "long" if it exceeds the limit. */
  get rest(): Uint8Array | "long" {
    return this.#openBytes > this.#maxBytes ? "long" : joined(this.#open, this.#openBytes);
  }

  #end(rest: Uint8Array): void {
    const bytes = this.#openBytes + rest.length;
    if (bytes > this.#maxBytes) this.#onLine("long");
    else this.#onLine(this.#open.length === 0 ? rest : joined([...this.#open, rest], bytes));
    this.#open = [];
    this.#openBytes = 0;
  }

  #hold(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#openBytes += part.length;
    // The caller may overwrite the chunk afterwards.
    if (this.#openBytes <= this.#maxBytes) this.#open.push(part.slice());
    else this.#open = [];
  }
}

function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
