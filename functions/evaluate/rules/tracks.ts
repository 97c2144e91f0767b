import { MINUTE_MS } from "../../lib/time-units.ts";
import type { Rule, Selector } from "../../model/alerting/rule.ts";
import type { Family } from "../../model/metric.ts";
import { followed } from "./condition.ts";
import { scaleOf, trackKey, withoutTarget } from "./track-families.ts";

/**
 * A track for one or more rules: for each group of a selector's series the sum, and for each window the increase. Rules
 * with the same selector and labels share one.
 */
export interface Track {
  /** Its name in storage: selector and labels, so that changes of other rules do not affect it. */
  key: string;
  selector: Selector;
  /** Without `target`. */
  by: readonly string[];
  type: "counter" | "histogram" | "gauge";
  /** Numbers per group: buckets for a histogram, else 1. */
  cells: number;
  /** Factor that makes counts whole numbers: differences of whole numbers add up exactly. */
  scale: number;
  /** Windows in minutes, in order. */
  windows: readonly number[];
}

/** All tracks that rules need. The rules' families must be among `families`, of the type that the condition asks for. */
export function tracksOf(rules: readonly Rule[], families: ReadonlyMap<string, Family>): Track[] {
  const tracks = new Map<string, Track>();
  for (const rule of rules)
    for (const { selector, windowsMs } of followed(rule.condition)) {
      const key = trackKey(selector, rule.by);
      const known = tracks.get(key) ?? newTrack(key, selector, rule.by, families.get(selector.family) as Family);
      const windows = new Set([...known.windows, ...windowsMs.map((ms) => Math.round(ms / MINUTE_MS))]);
      tracks.set(key, { ...known, windows: [...windows].sort((a, b) => a - b) });
    }
  return [...tracks.values()];
}

function newTrack(key: string, selector: Selector, by: readonly string[], family: Family): Track {
  if (family.type === "stateset") throw new Error(`Cannot follow ${family.name}: it is a set of states.`);
  return {
    key,
    selector,
    by: withoutTarget(by),
    type: family.type,
    cells: family.type === "histogram" ? family.buckets.length + 1 : 1,
    scale: scaleOf(family),
    windows: [],
  };
}
