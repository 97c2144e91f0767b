const FRAME_MAGIC = 0xfd2fb528;
const LEAST_SKIPPABLE = 0x184d2a50;
const MOST_SKIPPABLE = 0x184d2a5f;
const MAGIC_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
/** Bytes of the dictionary's id, and of the content's size, by their two bits in the frame's descriptor. */
const DICTIONARY_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];
const RUN_BLOCK = 1;

/**
 * The zstd frames of a body (RFC 8878, section 3.1), without skippable ones. Undefined if it is not made of whole frames. The
 * platform decodes the first frame only, and says nothing of the rest.
 */
export function zstdFrames(bytes: Uint8Array): Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: Uint8Array[] = [];
  try {
    let at = 0;
    while (at < bytes.length) {
      const magic = view.getUint32(at, true);
      const isSkippable = magic >= LEAST_SKIPPABLE && magic <= MOST_SKIPPABLE;
      if (!isSkippable && magic !== FRAME_MAGIC) return undefined;
      const end = isSkippable ? at + 2 * MAGIC_BYTES + view.getUint32(at + MAGIC_BYTES, true) : endOfFrame(view, at);
      if (end > bytes.length) return undefined;
      if (!isSkippable) frames.push(bytes.subarray(at, end));
      at = end;
    }
  } catch {
    // Reading past the end: a frame is cut short.
    return undefined;
  }
  return frames.length === 0 ? undefined : frames;
}

function endOfFrame(view: DataView, start: number): number {
  const descriptor = view.getUint8(start + MAGIC_BYTES);
  const isSingle = (descriptor & 0x20) !== 0;
  const sizeBits = descriptor >> 6;
  const sizeBytes = isSingle && sizeBits === 0 ? 1 : (CONTENT_SIZE_BYTES[sizeBits] as number);
  let at = start + MAGIC_BYTES + 1 + (isSingle ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] as number) + sizeBytes;
  let isLast = false;
  while (!isLast) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    isLast = (header & 1) !== 0;
    at += BLOCK_HEADER_BYTES + (((header >> 1) & 3) === RUN_BLOCK ? 1 : header >> 3);
  }
  return at + ((descriptor & 4) === 0 ? 0 : CHECKSUM_BYTES);
}
