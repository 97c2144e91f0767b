/** The part of Node's zlib that is used; workerd has it without Node's own types. */
declare module "node:zlib" {
  interface UnpackOptions {
    /** Bytes; a RangeError is thrown instead of more. */
    maxOutputLength: number;
    params?: Record<number, number>;
  }
  /** All members of a gzip body. */
  export function gunzipSync(bytes: Uint8Array, options?: UnpackOptions): Uint8Array;
  /** The first frame of a zstd body; the rest is not looked at. */
  export function zstdDecompressSync(bytes: Uint8Array, options?: UnpackOptions): Uint8Array;
  /** For tests. */
  export function gzipSync(bytes: Uint8Array | string): Uint8Array;
  /** For tests. */
  export function zstdCompressSync(bytes: Uint8Array): Uint8Array;
  export const constants: { readonly ZSTD_d_windowLogMax: number };
}
