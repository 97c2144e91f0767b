const LINE_FEED = 0x0a;

/** Cuts bytes that come piece by piece into lines. Holds no more than one line of `maxBytes`, whatever comes. */
export class LineSplitter {
  readonly #maxBytes: number;
  readonly #onLine: (line: Uint8Array | "long") => void;
  /** Pieces of the line that has no end yet. */
  #open: Uint8Array[] = [];
  #openBytes = 0;

  /** `onLine` gets each line without its end, to be read at once; of one that is too long only that it was there. */
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

  /** What stands after the last line end; "long" where that is more than is held. */
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
    // The chunk may be written over once it has been taken.
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
