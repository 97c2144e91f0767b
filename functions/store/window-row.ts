import { ByteReader } from "../lib/byte-reader.ts";
import { ByteWriter } from "../lib/byte-writer.ts";

/** What happened to one number in one minute: a count went up by `by`, or a gauge became `to`. */
export type Change = { by: number } | { to: number };

const VERSION = 1;
/** In the place of a difference, which is never 0: the eight bytes of a gauge follow. */
const GAUGE = 0;

/**
 * Packs a minute's changes by the number's address:
 *
 *     version byte; each change: address - previous address | difference, or 0 and a float64, little endian
 *
 * Differences are whole numbers above 0; they and the addresses are varints.
 */
export function packChanges(changes: ReadonlyMap<number, Change>): Uint8Array<ArrayBuffer> {
  const bytes = new ByteWriter();
  const float = new Float64Array(1);
  const floatBytes = new Uint8Array(float.buffer);
  bytes.byte(VERSION);
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
  return bytes.view().slice();
}

/** Reads changes one by one, in the order of their addresses. Answers false for bytes of another version, or damaged. */
export function readChanges(
  bytes: Uint8Array,
  each: (address: number, value: number, isGauge: boolean) => void,
): boolean {
  const reader = new ByteReader(bytes);
  if (reader.byte() !== VERSION) return false;
  const float = new Float64Array(1);
  const floatBytes = new Uint8Array(float.buffer);
  let address = 0;
  while (reader.left > 0) {
    address += reader.unsigned();
    const by = reader.unsigned();
    if (by === GAUGE) for (let i = 0; i < 8; i++) floatBytes[i] = reader.byte();
    if (reader.broken) return false;
    each(address, by === GAUGE ? (float[0] as number) : by, by === GAUGE);
  }
  return !reader.broken;
}
