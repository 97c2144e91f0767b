/** A sample of Prometheus' text format 0.0.4 or OpenMetrics 1.0, without its exemplar. */
export interface MetricLine {
  name: string;
  /** In the order of the line; names are unique. */
  labels: readonly (readonly [name: string, value: string])[];
  value: number;
  /** As written: ms in the text format, seconds in OpenMetrics. */
  timestamp?: number;
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"/y;
/** A quoted name of a label or metric, as Prometheus 3 writes names outside the legacy character set. */
const QUOTED = /[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(=[ \t]*")?/y;
const BETWEEN = /[ \t]*(?:(,)[ \t]*)?(\})?/y;
const TAIL = /[ \t]+([^ \t#]+)(?:[ \t]+([^ \t#]+))?[ \t]*(?:#.*)?$/y;
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const SPECIAL: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  "+inf": Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
};

/** Matches at exactly one position. */
function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** The name at the start of a line, and where it ends; empty if the name is inside the braces or missing. */
export function nameOf(line: string): { name: string; end: number } {
  const name = match(NAME, line, 0)?.[0] ?? "";
  return { name, end: name.length };
}

/** Parses a number of the formats; undefined if invalid. Hexadecimal is not accepted. */
export function parseMetricNumber(text: string): number | undefined {
  return DECIMAL.test(text) ? Number(text) : SPECIAL[text.toLowerCase().replace("infinity", "inf")];
}

/** Parses a line without its line end; undefined if it is not a sample. */
export function parseMetricLine(line: string): MetricLine | undefined {
  let { name, end } = nameOf(line);
  const labels: [string, string][] = [];
  const gap = /[ \t]*\{/y;
  const open = match(gap, line, end);
  if (open !== null) {
    const inside = readLabels(line, end + open[0].length, labels);
    if (inside === undefined || (inside.name !== undefined && name !== "")) return undefined;
    name = inside.name ?? name;
    end = inside.end;
  }
  const tail = match(TAIL, line, end);
  const value = parseMetricNumber(tail?.[1] ?? "");
  if (name === "" || value === undefined || new Set(labels.map(([label]) => label)).size !== labels.length)
    return undefined;
  if (tail?.[2] === undefined) return { name, labels, value };
  const timestamp = parseMetricNumber(tail[2]);
  return timestamp === undefined || !Number.isFinite(timestamp) ? undefined : { name, labels, value, timestamp };
}

/** Parses the braces into `labels`, and returns where they end. */
function readLabels(
  line: string,
  from: number,
  labels: [string, string][],
): { name?: string; end: number } | undefined {
  let at = from;
  let name: string | undefined;
  const empty = match(BETWEEN, line, at);
  if (empty?.[1] === undefined && empty?.[2] !== undefined) return { end: at + empty[0].length };
  for (;;) {
    const plain = match(LABEL, line, at);
    const quoted = plain === null ? match(QUOTED, line, at) : null;
    const found = plain ?? quoted;
    if (found === null) return undefined;
    const text = plain?.[1] ?? unescaped(quoted?.[1] ?? "");
    if (text === undefined) return undefined;
    at += found[0].length;
    if (quoted !== null && quoted[2] === undefined) {
      if (name !== undefined) return undefined;
      name = text;
    } else {
      const to = endOfText(line, at);
      const value = to < 0 ? undefined : unescaped(line.slice(at, to));
      if (value === undefined) return undefined;
      labels.push([text, value]);
      at = to + 1;
    }
    const between = match(BETWEEN, line, at);
    at += between?.[0].length ?? 0;
    if (between?.[2] !== undefined) return name === undefined ? { end: at } : { name, end: at };
    if (between?.[1] === undefined) return undefined;
  }
}

/** Position of the closing quote; -1 if missing. */
function endOfText(line: string, from: number): number {
  for (let at = from; at < line.length; at++) {
    const c = line[at];
    if (c === '"') return at;
    if (c === "\\") at++;
  }
  return -1;
}

/** Unescapes a text; undefined if it has unknown escapes. */
function unescaped(text: string): string | undefined {
  if (!text.includes("\\")) return text;
  if (/\\(?![\\"n])/.test(text.replaceAll("\\\\", ""))) return undefined;
  return text.replace(/\\([\\"n])/g, (_, c: string) => (c === "n" ? "\n" : c));
}
