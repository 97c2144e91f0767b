/** The most that all kept answers take, and one of them. */
const MOST_BYTES = 4 * 2 ** 20;
const MOST_OF_ONE_BYTES = 2 * 2 ** 20;

/** Answers that are kept until the numbers change: several Prometheus servers ask for the same. The least used goes first. */
export class AnswerCache {
  readonly #kept = new Map<string, { version: string; bytes: Uint8Array<ArrayBuffer> }>();
  #bytes = 0;

  /** The answer to that question, if it is of that version. */
  get(question: string, version: string): Uint8Array<ArrayBuffer> | undefined {
    const found = this.#kept.get(question);
    if (found?.version !== version) return undefined;
    this.#kept.delete(question);
    this.#kept.set(question, found);
    return found.bytes;
  }

  /** Keeps an answer instead of an older one to the same question, unless it is too large. */
  keep(question: string, version: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.#drop(question);
    if (bytes.length > MOST_OF_ONE_BYTES) return;
    this.#kept.set(question, { version, bytes });
    this.#bytes += bytes.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= MOST_BYTES) return;
      this.#drop(oldest);
    }
  }

  /** Whether an answer of that size would be kept. */
  static mayKeep(bytes: number): boolean {
    return bytes <= MOST_OF_ONE_BYTES;
  }

  #drop(question: string): void {
    this.#bytes -= this.#kept.get(question)?.bytes.length ?? 0;
    this.#kept.delete(question);
  }
}
