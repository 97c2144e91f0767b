/** Columns of text, two spaces apart: `table` aligns the first left and the others right. A row of one text is no column. */
export const table = (rows: readonly (readonly string[])[], indent = ""): string => aligned(rows, indent, "numbers");

/** Columns of text, two spaces apart, all aligned left. A row of one text is no column. */
export const columns = (rows: readonly (readonly string[])[], indent = ""): string => aligned(rows, indent, "words");

function aligned(rows: readonly (readonly string[])[], indent: string, kind: "numbers" | "words"): string {
  const widthOf = (column: number): number =>
    Math.max(0, ...rows.map((row) => (row.length === 1 ? 0 : (row[column]?.length ?? 0))));
  const widths = Array.from({ length: Math.max(0, ...rows.map((row) => row.length)) }, (_, column) => widthOf(column));
  const pad = (text: string, column: number): string =>
    column === 0 || kind === "words" ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  return rows.map((row) => `${indent}${row.map(pad).join("  ")}`.trimEnd()).join("\n");
}
