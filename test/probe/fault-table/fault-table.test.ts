import { beforeAll, describe, expect, inject, it } from "vitest";
import { protocols } from "../../../functions/model/probing/protocol.ts";
import { printTable } from "./fault-table-cell.ts";
import { cellsOf, ENTRIES, type Entry, findEntry, TABLE_HEAD, TABLE_KINDS } from "./fault-table-entries.ts";
import { outcomeOf, RPC_KINDS, runEntries, type Seen, WELL_KINDS } from "./fault-table-run.ts";

/** What lies in sockets and buffers when a body is given up, for each call: measured at up to 4 MB. */
const MAX_SENT_BYTES = 16 * 2 ** 20;

const outcomes = new Map<Entry, Seen>();

beforeAll(async () => {
  await runEntries({ kinds: TABLE_KINDS, well: WELL_KINDS }, (entry, seen) => outcomes.set(entry, seen));
  console.log(`What each fault looks like to each kind of probe:\n${printTable([TABLE_HEAD, ...actualRows()])}`);
}, 600_000);

const sickOf = (entry: Entry): readonly string[] => {
  const seen = outcomes.get(entry);
  return seen !== undefined && "outcomes" in seen ? seen.outcomes.sick : [];
};

/** What was seen, in the form of the table: cells as on the healthy server are `.`, equal protocols share a row. */
function actualRows(): string[][] {
  const rows = new Map<string, string[]>();
  for (const entry of ENTRIES) {
    const healthy = sickOf(findEntry("none", entry.protocol) ?? entry);
    const seen = sickOf(entry);
    const cells = entry.fault === "none" ? seen : seen.map((cell, at) => (cell === healthy[at] ? "." : cell));
    const key = [entry.fault, ...cells].join("|");
    const row = rows.get(key);
    if (row === undefined) rows.set(key, [entry.fault, entry.protocol, ...cells]);
    else row[1] = `${row[1]},${entry.protocol}`;
  }
  return [...rows.values()].map((row) => row.with(1, row[1] === protocols.join(",") ? "*" : (row[1] ?? "")));
}

describe("the table", () => {
  it("has a cell for every fault, kind and protocol, and none twice", async () => {
    const [server] = inject("sickZakos");
    const known = (await (await fetch(`${server?.control}/faults`)).json()) as { name: string }[];
    const kinds = RPC_KINDS.map(({ kind }) => kind);
    expect(TABLE_KINDS).toEqual(kinds.filter((kind) => TABLE_KINDS.includes(kind)));
    for (const fault of ["none", ...known.map(({ name }) => name)])
      for (const protocol of protocols) {
        const entries = ENTRIES.filter((entry) => entry.fault.split(" ")[0] === fault && entry.protocol === protocol);
        expect(entries.length, `rows of ${fault} over ${protocol}`).toBeGreaterThan(0);
        for (const { cells } of entries)
          expect(cells.filter(Boolean), `${fault} ${protocol}`).toHaveLength(TABLE_KINDS.length);
      }
    const names = ENTRIES.map(({ fault, protocol }) => `${fault} ${protocol}`);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it.each(ENTRIES)("$fault over $protocol", (entry) => {
    const seen = outcomeOf(outcomes.get(entry));
    expect(seen.sick).toEqual(cellsOf(entry));
    // Another server of the same batch, asked at the same time, is as well as ever.
    expect(seen.well).toEqual(cellsOf(entry, "none").filter((_, at) => WELL_KINDS.includes(TABLE_KINDS[at] ?? "")));
    if (entry.fault !== "none") expect(seen.applied).toBeGreaterThan(0);
    expect(seen.sentBytes / seen.calls).toBeLessThan(MAX_SENT_BYTES);
  });
});
