import { beforeAll, describe, expect, it } from "vitest";
import { cellsOf, ENTRIES, type Entry, TABLE_KINDS } from "./fault-table-entries.ts";
import { outcomeOf, runEntries, type Seen } from "./fault-table-run.ts";

/** A column of the fault table that stands in the test file of its kind. */
export interface FaultColumn {
  /** A kind of the table to which every fault looks the same, but for what follows. */
  readonly like: string;
  /** Cells that differ, by `FAULT` or `FAULT over PROTOCOL` as the table writes the fault. */
  readonly except?: Readonly<Record<string, string>>;
}

/** What each fault of the table must look like to a kind that has no column in it. */
export function describeFaults(kind: string, { like, except = {} }: FaultColumn): void {
  const at = TABLE_KINDS.indexOf(like);
  const expected = (entry: Entry): string | undefined =>
    except[`${entry.fault} over ${entry.protocol}`] ?? except[entry.fault] ?? cellsOf(entry)[at];

  describe(`what faults look like to ${kind}`, () => {
    const seen = new Map<Entry, Seen>();
    beforeAll(() => runEntries({ kinds: [kind], well: [] }, (entry, one) => seen.set(entry, one)), 600_000);

    it("is compared with a kind of the table, and differs in faults of the table", () => {
      expect(TABLE_KINDS).toContain(like);
      const names = ENTRIES.flatMap(({ fault, protocol }) => [fault, `${fault} over ${protocol}`]);
      for (const name of Object.keys(except)) expect(names).toContain(name);
    });

    it.each(ENTRIES)("$fault over $protocol", (entry) => {
      const { sick } = outcomeOf(seen.get(entry));
      expect(sick).toEqual([expected(entry)]);
    });
  });
}
