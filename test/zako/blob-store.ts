import { blake3 } from "@noble/hashes/blake3.js";

/** Blobs in memory, under the hex of the digest they were stored as. There is no expiry, as in the real server. */
export class BlobStore {
  readonly maxBytes: number;
  #blobs = new Map<string, Uint8Array>();
  #sizeBytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get count(): number {
    return this.#blobs.size;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  has(hex: string): boolean {
    return this.#blobs.has(hex);
  }

  get(hex: string): Uint8Array | undefined {
    return this.#blobs.get(hex);
  }

  /** The name of every blob, in the order they came. */
  names(): string[] {
    return [...this.#blobs.keys()];
  }

  /** Keeps bytes under a name that the caller answers for; false when the store would grow past its cap. */
  keep(hex: string, bytes: Uint8Array): boolean {
    const before = this.#blobs.get(hex)?.length ?? 0;
    if (this.#sizeBytes - before + bytes.length > this.maxBytes) return false;
    this.#sizeBytes += bytes.length - before;
    this.#blobs.set(hex, bytes);
    return true;
  }

  /** Keeps bytes under their own hash and answers with it. */
  put(bytes: Uint8Array): string {
    const hex = hashHex(bytes);
    if (!this.keep(hex, bytes)) throw new RangeError(`the store holds at most ${this.maxBytes} bytes`);
    return hex;
  }

  remove(hex: string): boolean {
    const blob = this.#blobs.get(hex);
    this.#sizeBytes -= blob?.length ?? 0;
    return this.#blobs.delete(hex);
  }

  clear(): void {
    this.#blobs.clear();
    this.#sizeBytes = 0;
  }
}

/** BLAKE3-256 in lower-case hex. */
export function hashHex(bytes: Uint8Array): string {
  return Buffer.from(blake3(bytes)).toString("hex");
}
