import { Blake3 } from "../functions/lib/blake3.ts";

/** BLAKE3-256 of bytes that are all there. */
export const blake3 = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Blake3().update(bytes).digest();
