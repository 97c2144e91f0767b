import { whyInactive } from "../../evaluate/rules/active-rules.ts";
import { readsOf } from "../../evaluate/rules/condition.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import type { Config } from "../../model/config.ts";
import { PROBE_FAMILIES } from "../../model/families/probe-families.ts";
import { SELF_FAMILIES } from "../../model/families/self-families.ts";
import type { Family } from "../../model/metric.ts";

/** A rule that cannot be judged from history, and why, in words. */
export interface NotJudged {
  rule: string;
  why: string;
  /** The metric that it lacks, where that is what is wrong. */
  needs?: string;
}

/** What a run measured of itself, step by step and call by call, is not in history; nor is when a target began. */
const NOT_KEPT: ReadonlySet<string> = new Set([
  "zako_v1_probe_step_duration_seconds",
  "zako_v1_probe_step_failures_total",
  "zako_v1_probe_retries_total",
  "zako_v1_target_created_timestamp_seconds",
]);

/** The families whose series come out of stored samples the same as they were: outcome, reason and duration of runs. */
export const REPLAYED_FAMILIES: readonly Family[] = PROBE_FAMILIES.filter(({ name }) => !NOT_KEPT.has(name));

const replayed = new Map(REPLAYED_FAMILIES.map((family) => [family.name, family]));

/** Parts a configuration's rules into those that history can judge and the others. */
export function judgeable(
  rules: readonly Rule[],
  config: Pick<Config, "imports">,
): { judged: Rule[]; notJudged: NotJudged[] } {
  const judged: Rule[] = [];
  const notJudged: NotJudged[] = [];
  for (const rule of rules) {
    const needs = readsOf(rule.condition).find(({ selector }) => !replayed.has(selector.family))?.selector.family;
    const why = needs === undefined ? whyInactive(rule, replayed) : whyLacking(needs, config);
    if (why === undefined) judged.push(rule);
    else notJudged.push({ rule: rule.name, why, ...(needs === undefined ? {} : { needs }) });
  }
  return { judged, notJudged };
}

function whyLacking(family: string, { imports }: Pick<Config, "imports">): string {
  if (SELF_FAMILIES.some(({ name }) => name === family)) return "history does not keep the prober's own metrics";
  if ((imports ?? []).some((imported) => imported.family.name === family))
    return "history does not keep scraped or pushed metrics";
  if (family.startsWith("zako_v1_probe_step_")) return "history does not keep the steps of runs";
  return "history does not keep the measurements of runs";
}
