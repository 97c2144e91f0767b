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
