/** Storage of a Durable Object that counts what is written through it. */
export interface MeteredStorage {
  storage: DurableObjectStorage;
  /** Rows written, each alarm that is set being one. */
  rows(): number;
}

/** Wraps storage. Alarms are counted and never set: the bench alone decides when a tick runs. */
export function meter(real: DurableObjectStorage): MeteredStorage {
  let rows = 0;
  const exec = (query: string, ...bindings: SqlStorageValue[]): SqlStorageCursor<Record<string, SqlStorageValue>> => {
    const cursor = real.sql.exec(query, ...bindings);
    rows += cursor.rowsWritten;
    return cursor;
  };
  const storage = {
    sql: { exec },
    transactionSync: <T>(work: () => T): T => real.transactionSync(work),
    setAlarm: () => {
      rows++;
    },
  };
  return { storage: storage as unknown as DurableObjectStorage, rows: () => rows };
}
