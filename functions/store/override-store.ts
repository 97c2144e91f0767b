import type { HeadStorage } from "./head.ts";
import { CHUNK_CUT_BYTES } from "./series/series-chunk.ts";

/** The last override that a Monitor accepted, as text, in the object's own storage. */
export class OverrideStore {
  readonly #storage: HeadStorage;

  constructor(storage: HeadStorage) {
    this.#storage = storage;
    storage.sql.exec("CREATE TABLE IF NOT EXISTS override (part INTEGER PRIMARY KEY, bytes BLOB NOT NULL)");
  }

  /** The stored text. If a part is damaged, a text that is not a valid override. */
  read(): string | undefined {
    const decoder = new TextDecoder();
    let text: string | undefined;
    for (const { bytes } of this.#storage.sql.exec("SELECT bytes FROM override ORDER BY part"))
      text = (text ?? "") + (bytes instanceof ArrayBuffer ? decoder.decode(bytes, { stream: true }) : "\0");
    return text;
  }

  /** Replaces the stored text; undefined deletes it. */
  write(text: string | undefined): void {
    const bytes = new TextEncoder().encode(text ?? "");
    this.#storage.transactionSync(() => {
      this.#storage.sql.exec("DELETE FROM override");
      for (let part = 0; part * CHUNK_CUT_BYTES < bytes.byteLength; part++) {
        const piece = bytes.slice(part * CHUNK_CUT_BYTES, (part + 1) * CHUNK_CUT_BYTES);
        this.#storage.sql.exec("INSERT INTO override VALUES (?, ?)", part, piece);
      }
    });
  }
}
