import type { Family } from "../../model/metric.ts";
import type { Condition, Rule, Selector } from "../../model/rule.ts";

/**
 * What is followed over time for some rules: for each group of a selector's series the sum, and for each window what it
 * came to. Rules that ask the same share one.
 */
export interface Track {
  /** Its name in storage: selector and labels, so that a change of other rules does not touch it. */
  key: string;
  selector: Selector;
  /** Without `target`. */
  by: readonly string[];
  type: "counter" | "histogram" | "gauge";
  /** Numbers per group: buckets for a histogram, else 1. */
  cells: number;
  /** What counts are multiplied with to be whole: differences of whole numbers add up exactly. */
  scale: number;
  /** Windows in minutes, in order. */
  windows: readonly number[];
}

const MINUTE_MS = 60_000;
const MICROSECONDS = 1_000_000;

/** The families of the window columns. */
export const addressFamily = (key: string): `~${string}` => `~at:${key}`;
export const windowFamily = (key: string, minutes: number): `~${string}` => `~in:${key}/${minutes}`;
export const baselineFamily = (rule: string): `~${string}` => `~baseline:${rule}`;

const withoutTarget = (by: readonly string[]): string[] => by.filter((name) => name !== "target");

/** A track's name. */
export function trackKey(selector: Selector, by: readonly string[]): string {
  const matchers = (selector.matchers ?? []).map((m) => `${m.name}${m.op}${JSON.stringify(m.value)}`);
  return `${selector.family}{${matchers.join(",")}} by ${withoutTarget(by).join(",")}`;
}

/** What a condition follows over time, and over which windows in ms. */
export function followed(condition: Condition): { selector: Selector; windowsMs: readonly number[] }[] {
  switch (condition.kind) {
    case "ratio":
      return [condition.numerator, condition.denominator].map((selector) => ({
        selector,
        windowsMs: [condition.windowMs],
      }));
    case "quantile":
      return [{ selector: condition.histogram, windowsMs: [condition.windowMs] }];
    case "growth":
      return [{ selector: condition.gauge, windowsMs: [condition.windowMs] }];
    case "rate":
      return [{ selector: condition.counter, windowsMs: [condition.windowMs] }];
    case "burn": {
      const windowsMs = condition.windows.flatMap((w) => [w.longMs, w.shortMs]);
      return [condition.errors, condition.total].map((selector) => ({ selector, windowsMs }));
    }
    default:
      return [];
  }
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

/** Only counters of seconds have fractions. */
export const scaleOf = (family: Family): number =>
  family.type === "counter" && family.name.endsWith("_seconds_total") ? MICROSECONDS : 1;

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
