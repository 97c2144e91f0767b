import type { StatementSync } from "node:sqlite";
import type { HeadStorage } from "../../store/write-row.ts";

/** A Durable Object's storage, as far as a Monitor's head and rules need it, on SQLite in memory. */
export function memoryStorage(): HeadStorage {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const database = new DatabaseSync(":memory:");
  const statements = new Map<string, StatementSync>();
  return {
    sql: {
      exec(query, ...bindings) {
        let statement = statements.get(query);
        if (statement === undefined) {
          statement = database.prepare(query);
          statements.set(query, statement);
        }
        const rows = statement.all(...bindings.map(boundOf)).map(rowOf);
        return Object.assign(rows, { rowsWritten: 0 });
      },
    },
    transactionSync: (work) => work(),
  };
}

const boundOf = (value: unknown): string | number | null | Uint8Array =>
  value instanceof ArrayBuffer ? new Uint8Array(value) : (value as string | number | null | Uint8Array);

/** Node gives blobs as views, a Durable Object as buffers of their own. */
const rowOf = (row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value instanceof Uint8Array ? value.slice().buffer : value]),
  );
