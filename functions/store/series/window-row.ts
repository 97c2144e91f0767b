import { ByteReader } from "../../lib/byte-reader.ts";
import { ByteWriter } from "../../lib/byte-writer.ts";
import { checksum } from "../../lib/checksum.ts";

/** Change of one number in one minute: a count increased by `by`, or a gauge became `to`. */
export type Change = { by: number } | { to: number };

/** The minute of a row and of the row written before it (0: none), since the epoch. */
export interface RowHead {
  minute: number;
  before: number;
}

const VERSION = 2;
const HEADER_BYTES = 8;
/** Offset in the header of the checksum of everything after it. */
const CHECKSUM_AT = 4;
/** Marks a gauge whose eight bytes follow. A difference is never 0. */
const GAUGE = 0;

/**
 * Packs a minute's changes by the number's address:
 *
 *     header: version byte, from byte 4 on the checksum of all after it; minute | minutes since the row before, or 0;
 *     each change: address - previous address | difference, or 0 and a float64, little endian
 *
 * Differences are whole numbers above 0; they, the addresses and the minutes are varints.
 */
export function packChanges(
  { minute, before }: RowHead,
  changes: ReadonlyMap<number, Change>,
): Uint8Array<ArrayBuffer> {
  const bytes = new ByteWriter();
  const float = new Float64Array(1);
  const floatBytes = new Uint8Array(float.buffer);
  bytes.append(new Uint8Array(HEADER_BYTES));
  bytes.unsigned(minute);
  bytes.unsigned(before === 0 ? 0 : minute - before);
  let previous = 0;
  for (const address of [...changes.keys()].sort((a, b) => a - b)) {
    const change = changes.get(address) as Change;
    bytes.unsigned(address - previous);
    previous = address;
    if ("by" in change) {
      if (change.by <= 0) throw new RangeError(`Cannot store a difference of ${change.by}.`);
      bytes.unsigned(change.by);
    } else {
      bytes.unsigned(GAUGE);
      float[0] = change.to;
      bytes.append(floatBytes);
    }
  }
  const row = bytes.view().slice();
  row[0] = VERSION;
  new Uint32Array(row.buffer, CHECKSUM_AT, 1)[0] = checksum(row.buffer, HEADER_BYTES);
  return row;
}

/**
 * Reads changes one by one, in order of their addresses. Undefined if the bytes are damaged or of another version; then
 * nothing was read.
 */
export function readChanges(
  stored: unknown,
  each: (address: number, value: number, isGauge: boolean) => void = () => {},
): RowHead | undefined {
  if (!(stored instanceof ArrayBuffer) || stored.byteLength < HEADER_BYTES) return undefined;
  const bytes = new Uint8Array(stored);
  const isValid = new Uint32Array(stored, CHECKSUM_AT, 1)[0] === checksum(stored, HEADER_BYTES);
  if (bytes[0] !== VERSION || !isValid) return undefined;
  const reader = new ByteReader(bytes.subarray(HEADER_BYTES));
  const minute = reader.unsigned();
  const since = reader.unsigned();
  const float = new Float64Array(1);
  const floatBytes = new Uint8Array(float.buffer);
  let address = 0;
  while (reader.left > 0) {
    address += reader.unsigned();
    const by = reader.unsigned();
    if (by === GAUGE) for (let i = 0; i < 8; i++) floatBytes[i] = reader.byte();
    each(address, by === GAUGE ? (float[0] as number) : by, by === GAUGE);
  }
  return { minute, before: since === 0 ? 0 : minute - since };
}
