import { MAX_VALUE_BYTES } from "./series/series-chunk.ts";

/** The part of a Durable Object's storage that a Monitor's state needs. */
export interface HeadStorage {
  sql: { exec(query: string, ...bindings: unknown[]): Iterable<Record<string, unknown>> & { rowsWritten: number } };
  transactionSync<T>(work: () => T): T;
}

/** Cost of a commit, for the benchmarks. */
export interface CommitCost {
  rows: number;
  bytes: number;
}

/** Runs a statement that writes `bytes` into one row, and adds it to the commit's cost. */
export type WriteRow = (bytes: number, query: string, ...bindings: unknown[]) => void;

/** Writes to storage and counts. Throws if a row would exceed the platform's limit. */
export function rowWriter(storage: HeadStorage, cost: CommitCost): WriteRow {
  return (bytes, query, ...bindings) => {
    if (bytes > MAX_VALUE_BYTES)
      throw new Error(`Cannot store ${bytes} bytes in one row: ${MAX_VALUE_BYTES} is the limit.`);
    cost.rows += storage.sql.exec(query, ...bindings).rowsWritten;
    cost.bytes += bytes;
  };
}
