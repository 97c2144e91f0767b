import type { Selector } from "../../model/alerting/rule.ts";
import type { Family } from "../../model/metric.ts";

const MICROSECONDS = 1_000_000;

/** The families of the window columns. */
export const addressFamily = (key: string): `~${string}` => `~at:${key}`;
export const windowFamily = (key: string, minutes: number): `~${string}` => `~in:${key}/${minutes}`;
export const baselineFamily = (rule: string): `~${string}` => `~baseline:${rule}`;

/** Labels that distinguish tracks within one target. */
export const withoutTarget = (by: readonly string[]): string[] => by.filter((name) => name !== "target");

/** A track's name. */
export function trackKey(selector: Selector, by: readonly string[]): string {
  const matchers = (selector.matchers ?? []).map((m) => `${m.name}${m.op}${JSON.stringify(m.value)}`);
  return `${selector.family}{${matchers.join(",")}} by ${withoutTarget(by).join(",")}`;
}

/** Factor that makes a family's counts whole numbers. Only counters of seconds have fractions. */
export const scaleOf = (family: Family): number =>
  family.type === "counter" && family.name.endsWith("_seconds_total") ? MICROSECONDS : 1;
