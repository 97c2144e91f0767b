/** One measured number, as `--json` writes it. */
export interface Row {
  name: string;
  /** Null where it could not be measured; `detail` then says what is missing. */
  value: number | null;
  unit: string;
  /** The most that the value may be; null where there is no goal. */
  goal: number | null;
  /** Nothing is missed: at most the goal, or there is none. */
  ok: boolean;
  /** What the number was made of, for people; not in the JSON. */
  detail: string;
}

/** A number held against its goal, if it has one. */
export function row(name: string, value: number, unit: string, goal: number | null, detail = ""): Row {
  return { name, value, unit, goal, ok: goal === null || value <= goal, detail };
}

/** A number that could not be taken on this machine. */
export function notMeasured(name: string, unit: string, goal: number | null, why: string): Row {
  return { name, value: null, unit, goal, ok: false, detail: `not measured: ${why}` };
}

/** How much `mine` is of `other`, both in the same unit. */
export function ratio(name: string, goal: number | null, mine: Quantity, other: Quantity): Row {
  const detail = `${mine.what} ${show(mine.value)} ${mine.unit}, ${other.what} ${show(other.value)} ${other.unit}`;
  return row(name, mine.value / other.value, "x", goal, detail);
}

/** A measured thing in words. */
export interface Quantity {
  what: string;
  value: number;
  unit: string;
}

/** Three significant digits, and no exponent. */
export function show(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return Number(value.toPrecision(3)).toString();
}

/** Lines of a table with aligned columns. `judged` false leaves the verdicts out. */
export function table(rows: readonly Row[], judged: boolean): string[] {
  const cells = rows.map(({ name, value, unit, goal, ok, detail }) => [
    name,
    value === null ? "-" : show(value),
    unit,
    goal === null ? "" : `<= ${show(goal)}`,
    goal === null || value === null || !judged ? "" : ok ? "ok" : "MISSES",
    detail,
  ]);
  const all = [["", "value", "unit", "goal", "", ""], ...cells];
  const widths = [0, 1, 2, 3, 4].map((i) => Math.max(...all.map((line) => line[i]?.length ?? 0)));
  return all.map((line) =>
    line
      .map((cell, i) => (i === 1 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

/** What `--json` writes of a row. */
export type SavedRow = Omit<Row, "detail">;

/** Rows as a table for docs/benchmarks.md. */
export function markdownTable(rows: readonly SavedRow[]): string[] {
  const cells = rows.map(({ name, value, unit, goal, ok }) => [
    name,
    value === null ? "not measured" : show(value),
    unit,
    goal === null ? "" : show(goal),
    goal === null || value === null ? "" : ok ? "met" : "missed",
  ]);
  const all = [["measured", "value", "unit", "goal", ""], ...cells];
  const widths = [0, 1, 2, 3, 4].map((i) => Math.max(3, ...all.map((line) => line[i]?.length ?? 0)));
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = all;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)];
}
