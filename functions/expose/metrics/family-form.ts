import type { Family } from "../../model/metric.ts";
import { type SampleLine, sampleLines } from "../../model/sample-lines.ts";

/** How families are written. Text 0.0.4 and 1.0.0 share a body: all our names are legacy names, which need no quotes. */
export interface Dialect {
  openMetrics: boolean;
  /** `_created` samples; OpenMetrics only. */
  created: boolean;
}

/** Base units that are declared as such; longer ones first, since the name must end with the unit. */
const UNITS = ["bytes_per_second", "seconds", "bytes", "ratio"] as const;

/** How one family is written in one dialect. */
export interface FamilyForm {
  family: Family;
  /** The lines above its samples, line ends included. */
  metadata: string;
  /**
   * Lines that one series takes. A `_created` line comes last, beside the samples it dates: Prometheus looks no further than
   * to the next label set for it.
   */
  lines: readonly SampleLine[];
}

/** Spells once what all series of the family share. */
export function formOf(family: Family, dialect: Dialect): FamilyForm {
  const lines = sampleLines(family);
  if (dialect.openMetrics && dialect.created && (family.type === "counter" || family.type === "histogram"))
    lines.push({ name: `${baseName(family)}_created`, label: "" });
  return { family, metadata: metadataText(family, dialect), lines };
}

const isInfo = (family: Family): boolean => family.type === "gauge" && family.name.endsWith("_info");

/** The family's name without the suffix that OpenMetrics gives to samples only. */
function baseName(family: Family): string {
  if (family.type === "counter") return family.name.replace(/_total$/, "");
  return isInfo(family) ? family.name.replace(/_info$/, "") : family.name;
}

function unitOf(family: Family): string | undefined {
  if (family.type === "stateset" || isInfo(family)) return undefined;
  return UNITS.find((unit) => baseName(family).endsWith(`_${unit}`));
}

function metadataText(family: Family, dialect: Dialect): string {
  const help = family.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  if (!dialect.openMetrics) {
    const type = family.type === "stateset" ? "gauge" : family.type;
    return `# HELP ${family.name} ${help}\n# TYPE ${family.name} ${type}\n`;
  }
  const name = baseName(family);
  const unit = unitOf(family);
  const unitLine = unit === undefined ? "" : `# UNIT ${name} ${unit}\n`;
  return `# TYPE ${name} ${isInfo(family) ? "info" : family.type}\n${unitLine}# HELP ${name} ${help.replaceAll('"', '\\"')}\n`;
}
