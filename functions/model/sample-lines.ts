import { boundText } from "./bound-text.ts";
import type { Family } from "./metric.ts";

/** A line of a series: its sample's name, and the label that it has of its own, as printed; empty where it has none. */
export interface SampleLine {
  name: string;
  label: string;
}

/** The lines of one series of the family. Histograms: one per bucket, `+Inf` included, `_count`, `_sum`. */
export function sampleLines(family: Family): SampleLine[] {
  const { name } = family;
  if (family.type === "stateset") return family.states.map((state) => ({ name, label: `${name}="${state}"` }));
  if (family.type !== "histogram") return [{ name, label: "" }];
  const bounds = [...family.buckets, Number.POSITIVE_INFINITY];
  return [
    ...bounds.map((bound) => ({ name: `${name}_bucket`, label: `le="${boundText(bound)}"` })),
    { name: `${name}_count`, label: "" },
    { name: `${name}_sum`, label: "" },
  ];
}
