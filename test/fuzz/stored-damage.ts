import fc from "fast-check";
import { decodeWithChecksum, encodeWithChecksum } from "../../functions/store/checksummed-json.ts";
import { anyDamage, type Damage, damage } from "./damage.ts";

export type Row = Record<string, SqlStorageValue>;
/** All that is stored, by table. */
export type State = Record<string, Row[]>;

/** The tables of an object's own; asked of SQLite, so that none is forgotten. */
export function tablesOf(storage: DurableObjectStorage): string[] {
  const sql = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
  const names = [...storage.sql.exec<{ name: string }>(sql)].map(({ name }) => name);
  return names.filter((name) => !/^(_cf_|sqlite_)/.test(name));
}

export function readState(storage: DurableObjectStorage): State {
  return Object.fromEntries(
    tablesOf(storage).map((table) => [table, [...storage.sql.exec<Row>(`SELECT * FROM ${table}`)]]),
  );
}

/** Puts a state in place of what is stored, as far as SQLite takes it. */
export function writeState(storage: DurableObjectStorage, state: State): void {
  storage.transactionSync(() => {
    for (const [table, rows] of Object.entries(state)) {
      storage.sql.exec(`DELETE FROM ${table}`);
      for (const row of rows) {
        const marks = Object.keys(row).map(() => "?");
        try {
          storage.sql.exec(`INSERT OR REPLACE INTO ${table} VALUES (${marks.join()})`, ...Object.values(row));
        } catch (error) {
          // Of another type than the column takes, or against a check: no damage can bring that about.
          if (!/mismatch|constraint/i.test(String(error))) throw error;
        }
      }
    }
  });
}

/** Damage to one value, or to a row as a whole. */
export type RowDamage = { table: number; row: number } & (
  | { do: "bytes"; column: number; damage: Damage }
  | { do: "value"; column: number; value: string | number | Uint8Array }
  /** JSON of another shape with a correct checksum, as a later version might write it. */
  | { do: "shape"; column: number; path: readonly number[]; value: unknown }
  | { do: "lose" }
  | { do: "move" | "copy"; by: number; text: string }
  /** The values of one row under the key of another. */
  | { do: "confuse"; with: number }
);

const column = fc.nat(3);
const value = fc.oneof(
  fc.constantFrom("", "{}", "[]", "null", "0", '"x"', "{", '{"lastSlot":9e15}', '{"closedBefore":9e15}', "undefined"),
  fc.json(),
  fc.string(),
  fc.integer(),
  // SQLite has no NaN: it would be NULL, which no column of ours takes.
  fc.double({ noNaN: true }),
  fc.constantFrom(1e9, 9e15, -1),
  fc.uint8Array({ maxLength: 100 }),
);
const shape = fc.oneof(
  fc.constantFrom<unknown>(null, [], {}, "", 0, -1, 0.5, 9e15, 1e300, true, [null], { version: 9 }, "a@1"),
  fc.jsonValue({ maxDepth: 2 }),
);
const by = fc.integer({ min: -3, max: 9 });

/** Any damage to one of `tables` tables. */
export const anyRowDamage = (tables: number): fc.Arbitrary<RowDamage> => {
  const place = { table: fc.nat(tables - 1), row: fc.nat(20) };
  const of = <Kind extends RowDamage["do"]>(kind: Kind) => ({ ...place, do: fc.constant(kind) });
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ ...of("bytes"), column, damage: anyDamage }) },
    { weight: 3, arbitrary: fc.record({ ...of("value"), column, value }) },
    {
      weight: 4,
      arbitrary: fc.record({ ...of("shape"), column, path: fc.array(fc.nat(12), { maxLength: 4 }), value: shape }),
    },
    { weight: 2, arbitrary: fc.record(of("lose")) },
    { weight: 1, arbitrary: fc.record({ ...of("move"), by, text: fc.string({ maxLength: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ ...of("copy"), by, text: fc.string({ maxLength: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ ...of("confuse"), with: fc.nat(20) }) },
  );
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Damages the state. Each damage counts only tables with rows. Returns the damaged tables too. */
export function damaged(intact: State, damages: readonly RowDamage[]): { state: State; hit: Set<string> } {
  const state = structuredClone(intact);
  const hit = new Set<string>();
  for (const one of damages) {
    const tables = Object.entries(state).filter(([, rows]) => rows.length > 0);
    const [table, rows] = tables[one.table % tables.length] ?? ["", []];
    hit.add(table);
    damageRow(rows, one);
  }
  return { state, hit };
}

function damageRow(rows: Row[], one: RowDamage): void {
  const at = one.row % rows.length;
  const row = rows[at];
  if (row === undefined) return;
  const names = Object.keys(row);
  const key = names[0] as string;
  switch (one.do) {
    case "lose":
      rows.splice(at, 1);
      return;
    case "move":
      row[key] = otherKey(row[key], one);
      return;
    case "copy":
      rows.push({ ...row, [key]: otherKey(row[key], one) });
      return;
    case "confuse": {
      const other = rows[one.with % rows.length] as Row;
      rows[at] = { ...other, [key]: row[key] as SqlStorageValue };
      return;
    }
  }
  const name = names[one.column % names.length] as string;
  const old = row[name];
  if (one.do === "value") row[name] = one.value instanceof Uint8Array ? one.value.slice().buffer : one.value;
  else if (one.do === "shape") {
    const known = decodeWithChecksum(old);
    if (known !== undefined) row[name] = encodeWithChecksum(JSON.stringify(replaced(known, one.path, one.value)));
  } else if (typeof old === "string") row[name] = decoder.decode(damage(encoder.encode(old), one.damage));
  else if (old instanceof ArrayBuffer) row[name] = damage(new Uint8Array(old), one.damage).buffer;
}

const otherKey = (key: SqlStorageValue | undefined, { by: more, text }: { by: number; text: string }) =>
  typeof key === "number" ? key + more : `${key}${text}`;

/** The value with the part that a path leads to replaced by another. */
function replaced(value: unknown, [step, ...rest]: readonly number[], by: unknown): unknown {
  if (step === undefined || typeof value !== "object" || value === null) return by;
  const names = Object.keys(value);
  const name = names[step % names.length];
  if (name === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  copy[name] = replaced(copy[name], rest, by);
  return copy;
}
