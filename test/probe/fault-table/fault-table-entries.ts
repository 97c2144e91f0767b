import { type Protocol, protocols } from "../../../functions/model/probing/protocol.ts";
import { FAULT_TABLE } from "./fault-table.ts";
import { readTable } from "./fault-table-cell.ts";

/** A fault over a protocol, with a cell for each kind of the table. */
export interface Entry {
  readonly fault: string;
  readonly protocol: Protocol;
  readonly cells: readonly string[];
}

const [head = [], ...lines] = readTable(FAULT_TABLE);

/** The first line of the table. */
export const TABLE_HEAD: readonly string[] = head;
/** The kinds that have a column in it. Others describe theirs in their own test files. */
export const TABLE_KINDS: readonly string[] = head.slice(2);

/** Every row of the table, once for each of its protocols. */
export const ENTRIES: readonly Entry[] = lines.flatMap(([fault = "", of = "", ...cells]) =>
  protocols
    .filter((protocol) => of === "*" || of.split(",").includes(protocol))
    .map((protocol) => ({ fault, protocol, cells })),
);

export const findEntry = (fault: string, protocol: Protocol): Entry | undefined =>
  ENTRIES.find((entry) => entry.fault === fault && entry.protocol === protocol);

/** The cells of an entry, or of another fault over its protocol, with `.` written out. */
export function cellsOf(entry: Entry, fault = entry.fault): string[] {
  const healthy = findEntry("none", entry.protocol)?.cells ?? [];
  return (findEntry(fault, entry.protocol)?.cells ?? []).map((cell, at) => (cell === "." ? (healthy[at] ?? "") : cell));
}
