import { checksum } from "../../lib/checksum.ts";
import { packedSize, packNumbers, unpackNumbers } from "../../lib/number-pack.ts";
import { decodeWithChecksum, encodeWithChecksum } from "../checksummed-json.ts";
import { count, list, object, type Shape, text, time, tuple } from "../shape.ts";
import type { LiveBlock } from "./live-block.ts";
import { type ColumnName, columnKey } from "./series-layout.ts";
import type { SeriesTable } from "./series-table.ts";

/** Target size of a chunk in bytes; leaves room to grow before a value exceeds 1 MB. */
export const CHUNK_CUT_BYTES = 768 * 1024;
/** A chunk that has grown beyond this is split again. */
export const FULL_CHUNK_BYTES = 900_000;
/** Maximum size of a stored value. The platform's limit is 2 MB; local storage does not enforce it, so the code does. */
export const MAX_VALUE_BYTES = 1_000_000;

const FORMAT = 3;
const HEADER_BYTES = 8;
/** Offset of the numbers' checksum in the header. */
const CHECKSUM_AT = 4;
/**
 * Expected bytes per number in the long run. Five probes from three vantages take 2.3 after a day, and a chunk may grow by
 * a sixth before it is split again. Too high an estimate costs additional rows with every tick.
 */
const BYTES_PER_NUMBER = 2.5;

type Later = readonly (readonly [column: number, createdAt: number])[];

/** `keys` and `layouts` are dictionaries; a target is [name, index of layout, created, created later by column]. */
interface Names {
  keys: readonly (readonly [family: string, labels: string, width: number])[];
  layouts: readonly (readonly number[])[];
  targets: readonly (readonly [name: string, layout: number, createdAt: number, later: Later])[];
}

const areNames: Shape<Names> = object({
  keys: list(tuple(text, text, count)),
  layouts: list(list(count)),
  targets: list(tuple(text, count, time, list(tuple(count, time)))),
});

/** Whether stored names are valid, including every index in them. */
function isNames(value: unknown): value is Names {
  if (!areNames(value)) return false;
  const { keys, layouts, targets } = value;
  return (
    layouts.every((ids) => ids.every((id) => id < keys.length)) &&
    targets.every(([, layout]) => layout < layouts.length)
  );
}

/** Minimum bytes around a name in `Names`. */
const NAME_FRAME_BYTES = 16;
/** Bytes of a column's index and its creation time. */
const LATER_BYTES = 22;
/** Bytes of a key's index in a layout. */
const INDEX_BYTES = 7;
const MOST_BYTES_PER_CHARACTER = 3;

/** Upper estimate of a text's size in UTF-8. */
const bytesOfText = (text: string): number => text.length * (/^[\0-\x7f]*$/.test(text) ? 1 : MOST_BYTES_PER_CHARACTER);

/** Names that a chunk already contains. Similar targets share them; targets with labels of their own do not. */
class NameCost {
  #keys = new Set<string>();
  #layouts = new Set<object>();

  /** Bytes that a block's names add. */
  of({ target, layout, createdLater }: LiveBlock): number {
    let bytes = NAME_FRAME_BYTES + bytesOfText(target) + createdLater.size * LATER_BYTES;
    if (this.#layouts.has(layout)) return bytes;
    for (const { family, labels } of layout.columns) {
      bytes += INDEX_BYTES;
      if (!this.#keys.has(columnKey(family, labels)))
        bytes += NAME_FRAME_BYTES + family.length + bytesOfText(JSON.stringify(labels));
    }
    return bytes;
  }

  add({ layout }: LiveBlock): void {
    if (this.#layouts.has(layout)) return;
    this.#layouts.add(layout);
    for (const { family, labels } of layout.columns) this.#keys.add(columnKey(family, labels));
  }
}

/** Groups blocks so that no group exceeds the target size, names included. A larger single block gets its own group. */
export function cutChunks(blocks: Iterable<LiveBlock>): LiveBlock[][] {
  const chunks: LiveBlock[][] = [];
  let open: LiveBlock[] = [];
  let names = new NameCost();
  let bytes = HEADER_BYTES;
  for (const block of blocks) {
    const numbers = Math.max(block.layout.size * BYTES_PER_NUMBER, packedSize(block.values));
    let named = names.of(block);
    if (open.length > 0 && bytes + numbers + named > CHUNK_CUT_BYTES) {
      chunks.push(open);
      open = [];
      names = new NameCost();
      named = names.of(block);
      bytes = HEADER_BYTES;
    }
    bytes += numbers + named;
    names.add(block);
    open.push(block);
  }
  if (open.length > 0) chunks.push(open);
  return chunks;
}

/**
 * Numbers of a chunk: a header with the format (one byte) and, from byte 4, the checksum of everything after the header;
 * then the packed numbers of the blocks.
 */
export function encodeValues(blocks: readonly LiveBlock[]): ArrayBuffer {
  const bytes = packNumbers(
    blocks.map((b) => b.values),
    HEADER_BYTES,
  );
  bytes[0] = FORMAT;
  new Uint32Array(bytes.buffer, CHECKSUM_AT, 1)[0] = checksum(bytes.buffer, HEADER_BYTES);
  return bytes.buffer;
}

/** Names of a chunk, as JSON with a checksum. */
export function encodeNames(blocks: readonly LiveBlock[]): string {
  const keyIds = new Map<string, number>();
  const layoutIds = new Map<object, number>();
  const keys: Names["keys"][number][] = [];
  const layouts: Names["layouts"][number][] = [];
  const targets: Names["targets"][number][] = [];
  for (const b of blocks) {
    let layout = layoutIds.get(b.layout);
    if (layout === undefined) {
      layout = layouts.length;
      layoutIds.set(b.layout, layout);
      layouts.push(
        b.layout.columns.map((c) => {
          const key = `${c.family}\n${c.labels}\n${c.width}`;
          const id = keyIds.get(key) ?? keys.length;
          if (id === keys.length) {
            keyIds.set(key, id);
            keys.push([c.family, c.labels, c.width]);
          }
          return id;
        }),
      );
    }
    targets.push([b.target, layout, b.createdAt, [...b.createdLater]]);
  }
  return encodeWithChecksum(JSON.stringify({ keys, layouts, targets } satisfies Names));
}

/** Loads a stored chunk into the table. If it is unreadable, returns why and changes nothing. */
export function restoreChunk(
  table: SeriesTable,
  storedNames: unknown,
  data: unknown,
): { ok: true } | { ok: false; why: string } {
  const names = decodeWithChecksum(storedNames);
  if (!isNames(names)) return { ok: false, why: "its names are damaged" };
  if (!(data instanceof ArrayBuffer) || data.byteLength < HEADER_BYTES)
    return { ok: false, why: "its numbers are damaged" };
  const format = new Uint8Array(data)[0];
  if (format !== FORMAT) return { ok: false, why: `format ${format}, expected ${FORMAT}` };
  if (new Uint32Array(data, CHECKSUM_AT, 1)[0] !== checksum(data, HEADER_BYTES))
    return { ok: false, why: "its numbers are damaged" };
  const { keys, layouts, targets } = names;
  const columns = layouts.map((ids) =>
    ids.map((id): ColumnName => {
      const [family, labels, width] = keys[id] as Names["keys"][number];
      return { family, labels, width };
    }),
  );
  const sizes = columns.map((c) => c.reduce((n, name) => n + name.width, 0));
  const expected = targets.reduce((n, [, layout]) => n + (sizes[layout] as number), 0);
  const values = unpackNumbers(new Uint8Array(data), HEADER_BYTES, expected);
  if (values === undefined)
    return { ok: false, why: `it does not have the ${expected} numbers that its names require` };
  let at = 0;
  for (const [target, layout, createdAt, later] of targets) {
    const size = sizes[layout] as number;
    table.restore(target, columns[layout] as ColumnName[], values.subarray(at, at + size), createdAt, new Map(later));
    at += size;
  }
  return { ok: true };
}
