import * as z from "zod";
import { optional, required } from "../../lib/leaf.ts";
import { DURATION_BUCKETS, type Family } from "../../model/metric.ts";
import type { ImportedFamily } from "../../model/probing/reported-metric.ts";
import { type Issue, type Path, show } from "../issue.ts";
import type { Read } from "../read.ts";

/** Each family may bring many series of every target, so there is an end to them. */
const MOST_FAMILIES = 50;
const MOST_LABELS = 8;
const MOST_BUCKETS = 30;

const NOT_A_NAME = "is not a metric name that is shown; use letters, digits and _, a letter first, at most 100";
const nameText = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,99}$/, NOT_A_NAME);
const fromText = z
  .string()
  .regex(/^[A-Za-z_:][A-Za-z0-9_:]{0,199}$/, "is not a metric name of Prometheus; use letters, digits, _ and :");
const labelText = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,62}$/, "is not a label name; use letters, digits and _, a letter first, at most 63");

/** Set by ourselves, by the format, or by Prometheus on all that it scrapes. */
const RESERVED_LABELS = ["target", "source", "probe", "vantage", "shard", "le", "quantile", "job", "instance"];
/** Suffixes that the formats give a meaning of their own. */
const RESERVED_SUFFIX = /_(total|bucket|count|sum|created|info)$/;
/** What Prometheus writes about each scrape, and what clients write about the process that is scraped: us. */
const OWN_NAMES = /^(up$|scrape_|process_)/;

const entry = z.strictObject({
  name: required(nameText, {
    description: "Name as it is shown: a counter's ends in `_total`, no other does, and none starts with `zako_`.",
    example: "build_wait_seconds",
  }),
  from: optional(fromText, {
    description:
      "Name as the target tells it: in its exposition, or that of an OTLP metric in Prometheus' form. None: `name`.",
    example: "zako_build_wait_seconds",
  }),
  type: required(z.enum(["counter", "gauge", "histogram"]), { description: "What it is.", example: "histogram" }),
  help: optional(z.string().regex(/^[^\n\r]{1,256}$/, "is not one line of at most 256 characters"), {
    description: "One sentence for those who read `/metrics`.",
    example: "How long builds waited.",
  }),
  labels: optional(z.array(labelText), {
    description:
      "Labels that are kept, beside `target` and `source`. Series that differ only in others are added up; gauges among them are left out.",
    example: ["queue"],
  }),
  buckets: optional(z.array(z.number()), {
    description: "Upper bounds of a histogram's buckets, rising. Counts of others are taken up to the next of these.",
    example: [0.1, 1, 10],
  }),
});

/** The `families` key. */
export const familiesKey = optional(z.array(entry), {
  description: "Families of others that the probe `scrape` and pushes may bring, beside those of zako-watch.",
});

type ReadEntry = Read<z.output<typeof entry>>;

/** Names of the lines that a family is shown as. */
function lineNames(name: string, type: string): string[] {
  return type === "histogram" ? [name, `${name}_bucket`, `${name}_count`, `${name}_sum`] : [name];
}

function wrongName(name: string, type: string): string | undefined {
  if (/^zako_/i.test(name)) return "is of zako-watch's own; choose a name that does not start with `zako_`";
  if (OWN_NAMES.test(name)) return "is a name that Prometheus uses for whoever is scraped; choose another";
  if (type === "counter")
    return name.endsWith("_total") ? undefined : `is the name of a counter and must end in \`_total\`: ${name}_total`;
  const suffix = RESERVED_SUFFIX.exec(name)?.[0];
  return suffix === undefined ? undefined : `ends in \`${suffix}\`, which no ${type} may; choose another name`;
}

function wrongLabel(label: string, index: number, labels: readonly (string | undefined)[]): string | undefined {
  if (RESERVED_LABELS.includes(label)) return "is a label that zako-watch or Prometheus sets itself; remove it";
  const first = labels.indexOf(label);
  return first < index ? `is labels[${first}] already; name each label once` : undefined;
}

function wrongBuckets({ type, buckets }: ReadEntry): string | undefined {
  if (buckets === undefined) return undefined;
  if (type !== undefined && type !== "histogram") return `belongs to histograms, and this is a ${type}; remove it`;
  if (buckets.length === 0) return "names no bound; give at least one, or remove the key";
  if (buckets.length > MOST_BUCKETS) return `has ${buckets.length} bounds; give at most ${MOST_BUCKETS}`;
  const bounds = buckets.filter((bound) => bound !== undefined);
  if (bounds.some((bound, i) => bound <= (bounds[i - 1] ?? 0)))
    return "does not rise from above 0; give positive bounds, each above the one before";
  return undefined;
}

/**
 * Compiles the `families` of a document; `own` are the families that come in by their own names. What is wrong is added
 * to `issues`, and then the list means nothing.
 */
export function compileFamilies(
  read: readonly (ReadEntry | undefined)[],
  own: ReadonlySet<string>,
  issues: Issue[],
): ImportedFamily[] {
  const shownBy = new Map<string, number>();
  const notifiedBy = new Map<string, number>();
  if (read.length > MOST_FAMILIES)
    issues.push({ path: ["families"], message: `names ${read.length} families; give at most ${MOST_FAMILIES}` });
  return read.flatMap((found, index): ImportedFamily[] => {
    if (found === undefined) return [];
    const path: Path = ["families", index];
    const complain = (key: readonly (string | number)[], message: string): void =>
      void issues.push({ path: [...path, ...key], message });
    const { name, type } = found;
    const from = found.from ?? name;
    if (name !== undefined && type !== undefined) {
      const why = wrongName(name, type);
      if (why !== undefined) complain(["name"], `${show(name, path)} ${why}`);
      const names = lineNames(name, type);
      const other = names.map((line) => shownBy.get(line)).find((i) => i !== undefined);
      if (other !== undefined)
        complain(["name"], `${show(name, path)} clashes with the name of families[${other}]; give each its own`);
      for (const line of names) shownBy.set(line, index);
    }
    if (from !== undefined) {
      const key = found.from === undefined ? ["name"] : ["from"];
      const other = notifiedBy.get(from);
      if (other !== undefined)
        complain(key, `${show(from, path)} is taken in as families[${other}] already; remove one`);
      if (own.has(from)) complain(key, `${show(from, path)} comes in by its own name; remove this entry`);
      notifiedBy.set(from, index);
    }
    const labels = found.labels ?? [];
    if (labels.length > MOST_LABELS)
      complain(["labels"], `names ${labels.length} labels; give at most ${MOST_LABELS}, each multiplies the series`);
    labels.forEach((label, i) => {
      const why = label === undefined ? undefined : wrongLabel(label, i, labels);
      if (why !== undefined) complain(["labels", i], `${show(label, path)} ${why}`);
    });
    const why = wrongBuckets(found);
    if (why !== undefined) complain(["buckets"], why);
    if (name === undefined || type === undefined || from === undefined) return [];
    const shape = type === "histogram" ? { type, buckets: given(found.buckets) ?? [...DURATION_BUCKETS] } : { type };
    const help = found.help ?? `Told by the target as ${from}.`;
    const family: Family = { name, help, labels: ["target", "source", ...(given(labels) ?? [])], ...shape };
    return [{ family, from }];
  });
}

const given = <T>(list: readonly (T | undefined)[] | undefined): T[] | undefined =>
  list?.flatMap((value) => (value === undefined ? [] : [value]));
