import { formatDuration } from "../../lib/duration.ts";
import type { Config } from "../../model/config.ts";
import type { ProbePlan, Target } from "../../model/probing/target.ts";
import type { TargetHistory } from "../../store/history/history-replay.ts";

/** The part of a configuration that stored samples can replay, and sentences about the rest. */
export interface AsMeasured {
  config: Config;
  limits: string[];
}

/**
 * Fits a configuration to the stored samples, which were taken by the configuration `present`, whatever `next` asks. What
 * was never measured is left out, since it would look like a gap.
 */
export function asMeasured(next: Config, present: Config, history: readonly TargetHistory[]): AsMeasured {
  const limits: string[] = [];
  const suppressed = new Map(history.map((of) => [of.target, of]));
  const targets = next.targets.flatMap((target): Target[] => {
    const of = suppressed.get(target.name);
    if (of === undefined) {
      limits.push(`${target.name}: no history; left out`);
      return [];
    }
    const was = present.targets.find(({ name }) => name === target.name);
    if (was !== undefined && addressOf(was) !== addressOf(target))
      limits.push(`${target.name}: its address or protocol changes; the samples are from the present one`);
    const probes = target.probes.flatMap((plan): ProbePlan[] => {
      const name = `${target.name} ${plan.kind}`;
      if ((of.runs[plan.kind] ?? 0) === 0) {
        limits.push(`${name}: no runs in history; left out`);
        return [];
      }
      const before = was?.probes.find(({ kind }) => kind === plan.kind);
      if (before === undefined) return [plan];
      limits.push(...changesOf(name, before, plan));
      return [{ ...plan, intervalMs: before.intervalMs }];
    });
    return probes.length === 0 ? [] : [{ ...target, probes }];
  });
  const vantages = next.vantages.filter((vantage) => present.vantages.includes(vantage));
  const unseen = next.vantages.filter((vantage) => !vantages.includes(vantage));
  if (unseen.length > 0) limits.push(`${unseen.join(", ")}: no runs from there in history; left out`);
  const { gridMs, shards } = present;
  const seen = vantages.length === 0 ? present.vantages : vantages;
  return { config: { ...next, gridMs, shards, vantages: seen, targets }, limits };
}

const addressOf = ({ casUrl, transportUrl, protocol }: Target): string => `${casUrl}\n${transportUrl}\n${protocol}`;

function changesOf(name: string, before: ProbePlan, plan: ProbePlan): string[] {
  const limits: string[] = [];
  const change = (what: string, from: number, to: number): void => {
    if (from !== to)
      limits.push(
        `${name}: ${what} changes from ${formatDuration(from)} to ${formatDuration(to)}; the recorded runs are replayed unchanged`,
      );
  };
  change("interval", before.intervalMs, plan.intervalMs);
  change("timeout", before.timeoutMs, plan.timeoutMs);
  if (JSON.stringify(before.options) !== JSON.stringify(plan.options))
    limits.push(`${name}: its options change; the recorded runs are replayed unchanged`);
  return limits;
}
