/** The answer's format. `openMetrics` decides the body; both versions of the text format have the same one. */
export interface Format {
  openMetrics: boolean;
  contentType: string;
}

/** An entry of a header such as `Accept`: what is named, its parameters in lower case, its weight and place. */
interface Entry {
  name: string;
  params: ReadonlyMap<string, string>;
  q: number;
}

const TEXT_0_0_4: Format = { openMetrics: false, contentType: "text/plain; version=0.0.4; charset=utf-8" };

/**
 * Picks the format for an `Accept` header: the entry of highest weight among OpenMetrics 1.0.0, text 1.0.0 and text
 * 0.0.4 (a wildcard means the last); of equal weights a named format before a wildcard, then the first. Never refuses:
 * where nothing fits, the answer is text 0.0.4.
 */
export function negotiateFormat(accept: string | null | undefined): Format {
  let best: { format: Format; rank: number } | undefined;
  for (const entry of entriesOf(accept ?? "")) {
    const format = formatOf(entry);
    if (format === undefined || entry.q <= 0) continue;
    const rank = entry.q + (entry.name.includes("*") ? 0 : 0.0001);
    if (best === undefined || rank > best.rank) best = { format, rank };
  }
  return best?.format ?? TEXT_0_0_4;
}

/** Whether the client listed gzip and does not like an uncompressed answer better. */
export function acceptsGzip(acceptEncoding: string | null | undefined): boolean {
  const entries = entriesOf(acceptEncoding ?? "");
  const gzip = entries.find((e) => e.name === "gzip")?.q ?? 0;
  return gzip > 0 && gzip >= (entries.find((e) => e.name === "identity")?.q ?? 0);
}

function formatOf({ name, params }: Entry): Format | undefined {
  const version = params.get("version");
  if (name === "application/openmetrics-text" && (version === undefined || version === "1.0.0")) {
    const escaping = params.has("escaping") ? `; escaping=${escapingOf(params)}` : "";
    const contentType = `application/openmetrics-text; version=1.0.0; charset=utf-8${escaping}`;
    return { openMetrics: true, contentType };
  }
  if (name === "text/plain" && version === "1.0.0")
    return { openMetrics: false, contentType: `text/plain; version=1.0.0; escaping=${escapingOf(params)}` };
  if (name === "text/plain" && (version === undefined || version === "0.0.4")) return TEXT_0_0_4;
  return name === "*/*" || name === "text/*" ? TEXT_0_0_4 : undefined;
}

/** Legacy names are the same under both of these; `dots` and `values` would rewrite ours, so they are never claimed. */
const escapingOf = (params: ReadonlyMap<string, string>): string =>
  params.get("escaping") === "allow-utf-8" ? "allow-utf-8" : "underscores";

/** Entries of a comma-separated header. One whose weight cannot be read is left out. */
function entriesOf(header: string): Entry[] {
  return splitUnquoted(header.toLowerCase(), ",").flatMap((text) => {
    const [name = "", ...rest] = splitUnquoted(text, ";").map((part) => part.trim());
    const params = new Map(rest.map((part) => parameter(part)));
    const weight = params.get("q") ?? "1";
    if (name === "" || !/^(0(\.\d*)?|1(\.0*)?|\.\d+)$/.test(weight)) return [];
    return [{ name, params, q: Number(weight) }];
  });
}

function parameter(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 0) return [text, ""];
  const value = text.slice(at + 1).trim();
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(value);
  return [text.slice(0, at).trim(), quoted === null ? value : (quoted[1] ?? "").replace(/\\(.)/g, "$1")];
}

function splitUnquoted(text: string, separator: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    if (quoted && text[i] === "\\") i++;
    else if (text[i] === '"') quoted = !quoted;
    else if (text[i] === separator && !quoted) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, text.slice(from)];
}
