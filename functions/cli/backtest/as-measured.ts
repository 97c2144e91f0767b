import { formatDuration } from "../../lib/duration.ts";
import type { Config } from "../../model/config.ts";
import type { ProbePlan, Target } from "../../model/probing/target.ts";
import type { TargetHistory } from "../../store/history/history-replay.ts";

/** A configuration as far as stored samples can say how it would have done, and what they cannot say, in words. */
export interface AsMeasured {
  config: Config;
  limits: string[];
}

/**
 * Fits a configuration to the samples that there are: they were taken as `present` asks, however `next` would have
 * asked. What was never measured is left out, since it would look like silence.
 */
export function asMeasured(next: Config, present: Config, history: readonly TargetHistory[]): AsMeasured {
  const limits: string[] = [];
  const suppressed = new Map(history.map((of) => [of.target, of]));
  const targets = next.targets.flatMap((target): Target[] => {
    const of = suppressed.get(target.name);
    if (of === undefined) {
      limits.push(`${target.name}: history has nothing of this target, so nothing is said of it`);
      return [];
    }
    const was = present.targets.find(({ name }) => name === target.name);
    if (was !== undefined && addressOf(was) !== addressOf(target))
      limits.push(`${target.name}: its address or protocol is another; the samples are of the present one`);
    const probes = target.probes.flatMap((plan): ProbePlan[] => {
      const name = `${target.name} ${plan.kind}`;
      if ((of.runs[plan.kind] ?? 0) === 0) {
        limits.push(`${name}: history has no run of this probe, so nothing is said of it`);
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
  if (unseen.length > 0) limits.push(`nothing was measured from ${unseen.join(", ")}; left out`);
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
        `${name}: ${what} is ${formatDuration(to)} instead of ${formatDuration(from)}; its runs are taken as they were`,
      );
  };
  change("interval", before.intervalMs, plan.intervalMs);
  change("timeout", before.timeoutMs, plan.timeoutMs);
  if (JSON.stringify(before.options) !== JSON.stringify(plan.options))
    limits.push(`${name}: it asks something else; its runs are taken as they were`);
  return limits;
}
