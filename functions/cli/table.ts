/**
 * Columns of text, two spaces apart. `numbers`: the first is aligned left, the others right; `words`: all are aligned
 * left.
 */
export function table(
  rows: readonly (readonly string[])[],
  indent = "",
  columns: "numbers" | "words" = "numbers",
): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => {
      const cells = row.map((text, i) =>
        i === 0 || columns === "words" ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0),
      );
      return `${indent}${cells.join("  ")}`.trimEnd();
    })
    .join("\n");
}

/** Columns of text, two spaces apart, all aligned left; a row of one text is no column. */
export function columns(rows: readonly (readonly string[])[], indent = ""): string {
  const widthOf = (column: number): number =>
    Math.max(...rows.map((row) => (row.length === 1 ? 0 : (row[column]?.length ?? 0))));
  const widths = (rows[0] ?? []).map((_, column) => widthOf(column));
  return rows
    .map((row) => `${indent}${row.map((text, i) => text.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd())
    .join("\n");
}
