/**
 * Words for UCUM units, as the OpenTelemetry specification's "Prometheus and OpenMetrics Compatibility" and
 * Prometheus' own OTLP receiver have them.
 */
const UNITS: ReadonlyMap<string, string> = new Map([
  ["d", "days"],
  ["h", "hours"],
  ["min", "minutes"],
  ["s", "seconds"],
  ["ms", "milliseconds"],
  ["us", "microseconds"],
  ["ns", "nanoseconds"],
  ["By", "bytes"],
  ["KiBy", "kibibytes"],
  ["MiBy", "mebibytes"],
  ["GiBy", "gibibytes"],
  ["TiBy", "tibibytes"],
  ["KBy", "kilobytes"],
  ["kBy", "kilobytes"],
  ["MBy", "megabytes"],
  ["GBy", "gigabytes"],
  ["TBy", "terabytes"],
  ["m", "meters"],
  ["V", "volts"],
  ["A", "amperes"],
  ["J", "joules"],
  ["W", "watts"],
  ["g", "grams"],
  ["Cel", "celsius"],
  ["Hz", "hertz"],
  ["%", "percent"],
]);

/** The same after "per". */
const PER_UNITS: ReadonlyMap<string, string> = new Map([
  ["s", "second"],
  ["m", "minute"],
  ["min", "minute"],
  ["h", "hour"],
  ["d", "day"],
  ["w", "week"],
  ["mo", "month"],
  ["y", "year"],
]);

/** Longer names and units are of no family, and are not worth looking at. */
const LONGEST = 256;

/** What decides on suffixes beside name and unit: a monotonic sum, a gauge proper, or anything else. */
export type NameShape = "counter" | "gauge" | "other";

/**
 * The Prometheus name of an OTLP metric, by the standard normalisation: what is no letter, digit or `:` becomes `_`, runs of it
 * one; the unit's words are appended where the name does not hold them (`By/s`: `bytes_per_second`; what stands in braces
 * is no unit); `_ratio` on gauges of unit 1; `_total` last on counters. Undefined for names that are too long or empty.
 */
export function prometheusName(name: string, unit: string, shape: NameShape): string | undefined {
  if (name.length > LONGEST || unit.length > LONGEST) return undefined;
  const words = name.split(/[^A-Za-z0-9:]+/).filter((word) => word !== "");
  if (words.length === 0) return undefined;
  append(words, unitNames(unit));
  if (unit === "1" && shape === "gauge") moveLast(words, "ratio");
  if (shape === "counter") moveLast(words, "total");
  const joined = words.join("_");
  return /^[0-9]/.test(joined) ? `_${joined}` : joined;
}

function unitNames(unit: string): string[][] {
  const plain = unit.replace(/\{[^}]*\}/g, "");
  const cut = plain.indexOf("/");
  const main = (cut === -1 ? plain : plain.slice(0, cut)).trim();
  const per = cut === -1 ? "" : plain.slice(cut + 1).trim();
  const parts: string[][] = [];
  if (main !== "" && main !== "1") parts.push(spell(UNITS.get(main) ?? main));
  if (per !== "") parts.push(["per", ...spell(PER_UNITS.get(per) ?? per)]);
  return parts;
}

const spell = (text: string): string[] => text.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");

/** Each part as a whole, unless its last word is in the name already. */
function append(words: string[], parts: readonly string[][]): void {
  for (const part of parts) if (!words.includes(part.at(-1) ?? "")) words.push(...part);
}

function moveLast(words: string[], word: string): void {
  const kept = words.filter((other) => other !== word);
  words.splice(0, words.length, ...kept, word);
}
