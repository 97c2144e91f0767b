import wasm from "blake3-wasm/dist/wasm/web/blake3_js_bg.wasm";

/** The used exports of blake3-wasm 2.1.5; pointers are offsets into `memory`. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  create_hasher(): number;
  /** Frees the buffer it is given. */
  blake3hash_update(hasher: number, pointer: number, size: number): void;
  /** Leaves the buffer to the caller. */
  blake3hash_digest(hasher: number, pointer: number, size: number): void;
  __wbg_blake3hash_free(hasher: number): void;
  __wbindgen_malloc(size: number): number;
  __wbindgen_free(pointer: number, size: number): void;
}

const digestBytes = 32;

/** Input is copied in pieces of this size, so that a large update does not permanently grow the module's memory. */
const pieceBytes = 64 * 1024;

const text = new TextDecoder();

const module = new WebAssembly.Instance(wasm, {
  wbg: {
    __wbindgen_throw(pointer: number, size: number): never {
      throw new Error(`Cannot hash: ${text.decode(new Uint8Array(module.memory.buffer, pointer, size))}`);
    },
  },
}).exports as unknown as Exports;

/**
 * Incremental BLAKE3-256, at about 400 MiB/s in workerd. The state is in WebAssembly memory, which is not garbage
 * collected: end every instance with `digest`, or hold it with `using`.
 */
export class Blake3 implements Disposable {
  #hasher = module.create_hasher();

  /** Adds bytes. */
  update(bytes: Uint8Array): this {
    this.#assertOpen();
    for (let start = 0; start < bytes.byteLength; start += pieceBytes) {
      const piece = bytes.subarray(start, start + pieceBytes);
      const pointer = module.__wbindgen_malloc(piece.byteLength);
      new Uint8Array(module.memory.buffer, pointer, piece.byteLength).set(piece);
      module.blake3hash_update(this.#hasher, pointer, piece.byteLength);
    }
    return this;
  }

  /** Returns the 32 bytes of the hash and ends the instance. */
  digest(): Uint8Array<ArrayBuffer> {
    this.#assertOpen();
    const pointer = module.__wbindgen_malloc(digestBytes);
    module.blake3hash_digest(this.#hasher, pointer, digestBytes);
    const digest = new Uint8Array(module.memory.buffer, pointer, digestBytes).slice() as Uint8Array<ArrayBuffer>;
    module.__wbindgen_free(pointer, digestBytes);
    this[Symbol.dispose]();
    return digest;
  }

  /** Frees the state of an unused hash. May be repeated. */
  [Symbol.dispose](): void {
    if (this.#hasher === 0) return;
    module.__wbg_blake3hash_free(this.#hasher);
    this.#hasher = 0;
  }

  #assertOpen(): void {
    if (this.#hasher === 0) throw new Error("Cannot use this hash: it has ended, start a new one");
  }
}

/**
 * Size of the memory behind all hashes, in bytes; it never shrinks, so growth under load is a leak.
 *
 * @internal Only a test can look for that leak.
 */
export function blake3MemoryBytes(): number {
  return module.memory.buffer.byteLength;
}
