/** Most bytes of an answer, and how long a call may take, whoever makes it. */
export const MAX_BYTES = 128 * 1024;
export const TIMEOUT_MS = 10_000;

/** A blob to upload, and its name. */
export interface Upload {
  digest: { sizeBytes: bigint; blake3: Uint8Array<ArrayBuffer> };
  content: Uint8Array<ArrayBuffer>;
}

/** A name that no store holds. */
export const absent = () => ({ sizeBytes: 4_096n, blake3: crypto.getRandomValues(new Uint8Array(32)) });
