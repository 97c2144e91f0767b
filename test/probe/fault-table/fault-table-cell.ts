import type { Sample, Step } from "../../../functions/model/probing/sample.ts";
import { OTHER_REASONS } from "./fault-table.ts";

/** What a run came to, as a cell of the fault table; `steps` are the names of the kind's steps in their order. */
export function cellOf(sample: Pick<Sample, "outcome" | "failure" | "steps">, steps: readonly string[]): string {
  const reason = sample.failure?.reason ?? "none";
  const words: Record<Sample["outcome"], string> = {
    ok: "ok",
    degraded: `(${reason})`,
    failed: reason,
    skipped: `~${reason}`,
    blocked: `blocked:${reason}`,
  };
  const marks = steps.map((name) =>
    markOf(
      sample.steps.find((step) => step.name === name),
      sample.failure?.reason,
    ),
  );
  return `${words[sample.outcome]} ${marks.join("")}`;
}

function markOf(step: Step | undefined, reason: string | undefined): string {
  if (step === undefined) return "-";
  if (step.outcome === "ok") return "+";
  const own = step.failure?.reason;
  // Over HTTP/1.1 a Connect server refuses bidi calls, whatever else is wrong with it.
  if (step.outcome === "skipped") return own === "bidi_needs_http2" || own === reason ? "~" : `{~${own}}`;
  if (own === reason) return "!";
  return Object.entries(OTHER_REASONS).find(([, other]) => other === own)?.[0] ?? `{${own}}`;
}

/** A table of text: cells between bars, columns as wide as their widest cell. */
export function printTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join(" | ")
        .trimEnd(),
    )
    .join("\n");
}

/** The cells of such a table, line by line. */
export function readTable(text: string): string[][] {
  return text
    .trim()
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()));
}
