import { beforeAll, describe, expect, inject, it } from "vitest";
import { type Protocol, protocols } from "../../../functions/model/probing/protocol.ts";
import { reset } from "../../zako-control.ts";
import { FAULT_TABLE } from "./fault-table.ts";
import { printTable, readTable } from "./fault-table-cell.ts";
import { type Outcomes, RPC_KINDS, readAilment, runAilment, WELL_KINDS } from "./fault-table-run.ts";

/** What lies in sockets and buffers when a body is given up, for each call: measured at up to 4 MB. */
const MAX_SENT_BYTES = 16 * 2 ** 20;

interface Entry {
  fault: string;
  protocol: Protocol;
  cells: readonly string[];
}

const [head = [], ...lines] = readTable(FAULT_TABLE);
const kinds = head.slice(2);
const written: readonly Entry[] = lines.flatMap(([fault = "", of = "", ...cells]) =>
  protocols
    .filter((protocol) => of === "*" || of.split(",").includes(protocol))
    .map((protocol) => ({ fault, protocol, cells })),
);
const find = (fault: string, protocol: Protocol): Entry | undefined =>
  written.find((entry) => entry.fault === fault && entry.protocol === protocol);

/** The cells of an entry, or of another fault over its protocol, with `.` written out. */
function cellsOf(entry: Entry, fault = entry.fault): string[] {
  const healthy = find("none", entry.protocol)?.cells ?? [];
  return (find(fault, entry.protocol)?.cells ?? []).map((cell, at) => (cell === "." ? (healthy[at] ?? "") : cell));
}

const outcomes = new Map<Entry, Outcomes>();
/** What kept a row from an outcome. */
const broken = new Map<Entry, unknown>();

// One server has one set of faults, so the rows are shared among several servers; the last is the healthy one.
beforeAll(async () => {
  const [healthy, ...sick] = inject("sickZakos");
  if (healthy === undefined || sick.length === 0) throw new Error("the global setup has started no Zakos");
  await reset(healthy.control);
  const queue = written.map((entry, at) => ({ entry, name: String(at) }));
  await Promise.all(
    sick.map(async (server) => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const { entry, name } = next;
        await runAilment(readAilment(entry.fault), entry.protocol, server, healthy, name).then(
          (seen) => outcomes.set(entry, seen),
          (error: unknown) => broken.set(entry, error),
        );
      }
    }),
  );
  console.log(`What each fault looks like to each kind of probe:\n${printTable([head, ...actualRows()])}`);
}, 600_000);

/** What was seen, in the form of the table: cells as on the healthy server are `.`, equal protocols share a row. */
function actualRows(): string[][] {
  const rows = new Map<string, string[]>();
  for (const entry of written) {
    const healthy = outcomes.get(find("none", entry.protocol) ?? entry)?.sick ?? [];
    const seen = outcomes.get(entry)?.sick ?? [];
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
    expect(kinds).toEqual(RPC_KINDS.map(({ kind }) => kind));
    for (const fault of ["none", ...known.map(({ name }) => name)])
      for (const protocol of protocols) {
        const entries = written.filter((entry) => entry.fault.split(" ")[0] === fault && entry.protocol === protocol);
        expect(entries.length, `rows of ${fault} over ${protocol}`).toBeGreaterThan(0);
        for (const { cells } of entries)
          expect(cells.filter(Boolean), `${fault} ${protocol}`).toHaveLength(kinds.length);
      }
    const names = written.map(({ fault, protocol }) => `${fault} ${protocol}`);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it.each(written)("$fault over $protocol", (entry) => {
    if (broken.has(entry)) throw broken.get(entry);
    const seen = outcomes.get(entry);
    expect(seen?.sick).toEqual(cellsOf(entry));
    // Another server of the same batch, asked at the same time, is as well as ever.
    expect(seen?.well).toEqual(cellsOf(entry, "none").filter((_, at) => WELL_KINDS.includes(kinds[at] ?? "")));
    if (entry.fault !== "none") expect(seen?.applied).toBeGreaterThan(0);
    expect((seen?.sentBytes ?? 0) / (seen?.calls ?? 1)).toBeLessThan(MAX_SENT_BYTES);
  });
});
