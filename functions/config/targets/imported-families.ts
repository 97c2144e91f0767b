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

const NOT_A_NAME = "is not a valid metric name; use at most 100 letters, digits and _, starting with a letter";
const nameText = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,99}$/, NOT_A_NAME);
const fromText = z
  .string()
  .regex(/^[A-Za-z_:][A-Za-z0-9_:]{0,199}$/, "is not a Prometheus metric name; use letters, digits, _ and :");
const labelText = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_]{0,62}$/,
    "is not a label name; use at most 63 letters, digits and _, starting with a letter",
  );

/** Set by ourselves, by the format, or by Prometheus on all that it scrapes. */
const RESERVED_LABELS = ["target", "source", "probe", "vantage", "shard", "le", "quantile", "job", "instance"];
/** Suffixes that the formats give a meaning of their own. */
const RESERVED_SUFFIX = /_(total|bucket|count|sum|created|info)$/;
/** What Prometheus writes about each scrape, and what clients write about the process that is scraped: us. */
const OWN_NAMES = /^(up$|scrape_|process_)/;

const entry = z.strictObject({
  name: required(nameText, {
    description: "Name on `/metrics`. Only counters end in `_total`; names must not start with `zako_`.",
    example: "build_wait_seconds",
  }),
  from: optional(fromText, {
    description:
      "Name in the target's exposition, or the Prometheus form of an OTLP metric name. Default: same as `name`.",
    example: "zako_build_wait_seconds",
  }),
  type: required(z.enum(["counter", "gauge", "histogram"]), { description: "Metric type.", example: "histogram" }),
  help: optional(z.string().regex(/^[^\n\r]{1,256}$/, "is not one line of at most 256 characters"), {
    description: "One sentence, the HELP text on `/metrics`.",
    example: "How long builds waited.",
  }),
  labels: optional(z.array(labelText), {
    description:
      "Labels to keep, in addition to `target` and `source`. Series that differ only in other labels are summed; gauges that do are left out.",
    example: ["queue"],
  }),
  buckets: optional(z.array(z.number()), {
    description:
      "Upper bounds of the histogram's buckets, in rising order. Counts of other bounds go to the next higher one of these.",
    example: [0.1, 1, 10],
  }),
});

/** The `families` key. */
export const familiesKey = optional(z.array(entry), {
  description: "Metric families of your own that `scrape` and pushes may report, in addition to those of zako-watch.",
});

type ReadEntry = Read<z.output<typeof entry>>;

/** Names of the lines that a family is shown as. */
function lineNames(name: string, type: string): string[] {
  return type === "histogram" ? [name, `${name}_bucket`, `${name}_count`, `${name}_sum`] : [name];
}

function wrongName(name: string, type: string): string | undefined {
  if (/^zako_/i.test(name)) return "is reserved for zako-watch; choose a name that does not start with `zako_`";
  if (OWN_NAMES.test(name)) return "is a name that Prometheus clients use for the scraped process; choose another";
  if (type === "counter")
    return name.endsWith("_total") ? undefined : `is the name of a counter and must end in \`_total\`: ${name}_total`;
  const suffix = RESERVED_SUFFIX.exec(name)?.[0];
  return suffix === undefined ? undefined : `ends in \`${suffix}\`, which no ${type} may; choose another name`;
}

function wrongLabel(label: string, index: number, labels: readonly (string | undefined)[]): string | undefined {
  if (RESERVED_LABELS.includes(label)) return "is a label that zako-watch or Prometheus sets itself; remove it";
  const first = labels.indexOf(label);
  return first < index ? `is already labels[${first}]; list each label once` : undefined;
}

function wrongBuckets({ type, buckets }: ReadEntry): string | undefined {
  if (buckets === undefined) return undefined;
  if (type !== undefined && type !== "histogram") return `is for histograms, but this is a ${type}; remove it`;
  if (buckets.length === 0) return "has no bounds; give at least one, or remove the key";
  if (buckets.length > MOST_BUCKETS) return `has ${buckets.length} bounds; give at most ${MOST_BUCKETS}`;
  const bounds = buckets.filter((bound) => bound !== undefined);
  if (bounds.some((bound, i) => bound <= (bounds[i - 1] ?? 0)))
    return "is not in rising order from above 0; give positive bounds, each above the one before";
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
    issues.push({ path: ["families"], message: `has ${read.length} families; give at most ${MOST_FAMILIES}` });
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
        complain(["name"], `${show(name, path)} conflicts with the name of families[${other}]; give each its own name`);
      for (const line of names) shownBy.set(line, index);
    }
    if (from !== undefined) {
      const key = found.from === undefined ? ["name"] : ["from"];
      const other = notifiedBy.get(from);
      if (other !== undefined)
        complain(key, `${show(from, path)} is already imported as families[${other}]; remove one`);
      if (own.has(from))
        complain(key, `${show(from, path)} is imported under its own name without an entry; remove this one`);
      notifiedBy.set(from, index);
    }
    const labels = found.labels ?? [];
    if (labels.length > MOST_LABELS)
      complain(
        ["labels"],
        `has ${labels.length} labels; give at most ${MOST_LABELS}, since each multiplies the series`,
      );
    labels.forEach((label, i) => {
      const why = label === undefined ? undefined : wrongLabel(label, i, labels);
      if (why !== undefined) complain(["labels", i], `${show(label, path)} ${why}`);
    });
    const why = wrongBuckets(found);
    if (why !== undefined) complain(["buckets"], why);
    if (name === undefined || type === undefined || from === undefined) return [];
    const shape = type === "histogram" ? { type, buckets: given(found.buckets) ?? [...DURATION_BUCKETS] } : { type };
    const help = found.help ?? `Reported by the target as ${from}.`;
    const family: Family = { name, help, labels: ["target", "source", ...(given(labels) ?? [])], ...shape };
    return [{ family, from }];
  });
}

const given = <T>(list: readonly (T | undefined)[] | undefined): T[] | undefined =>
  list?.flatMap((value) => (value === undefined ? [] : [value]));
