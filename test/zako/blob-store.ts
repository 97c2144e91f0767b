import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { blake3 } from "@noble/hashes/blake3.js";

const BLOB_NAME = /^[0-9a-f]{64}$/;

/**
 * Blobs in memory, under the hex of the digest they were stored as. There is no expiry, as in the real server. With a
 * folder they are there as well, as files of that name, and a store that is opened on it later begins with them.
 */
export class BlobStore {
  readonly maxBytes: number;
  readonly #folder: string | undefined;
  #blobs = new Map<string, Uint8Array>();
  #sizeBytes = 0;

  constructor(maxBytes: number, folder?: string) {
    this.maxBytes = maxBytes;
    if (folder !== undefined) {
      mkdirSync(folder, { recursive: true });
      for (const name of readdirSync(folder).filter((file) => BLOB_NAME.test(file)))
        this.keep(name, readFileSync(join(folder, name)));
    }
    this.#folder = folder;
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
    if (this.#folder !== undefined) writeWhole(join(this.#folder, hex), bytes);
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
    const removed = this.#blobs.delete(hex);
    if (removed && this.#folder !== undefined) rmSync(join(this.#folder, hex), { force: true });
    return removed;
  }

  clear(): void {
    for (const name of this.names()) this.remove(name);
  }
}

/** Under its name the file is never there in part, so that a kill in the middle does not leave a corrupt blob. */
function writeWhole(file: string, bytes: Uint8Array): void {
  writeFileSync(`${file}.part`, bytes);
  renameSync(`${file}.part`, file);
}

/** BLAKE3-256 in lower-case hex. */
export function hashHex(bytes: Uint8Array): string {
  return Buffer.from(blake3(bytes)).toString("hex");
}
