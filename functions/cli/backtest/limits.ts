import { formatDuration } from "../../lib/duration.ts";
import { spellTime } from "../../lib/spell-time.ts";
import { HOUR_MS } from "../../lib/time-units.ts";
import type { Config } from "../../model/config.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import type { TargetHistory } from "../../store/history/history-replay.ts";
import { hourOf } from "../../store/history/history-row.ts";
import type { Replayed } from "./replay-history.ts";

/** What a replay rested on. Times in epoch ms. */
export interface ReplayBasis {
  history: readonly TargetHistory[];
  replayed: Replayed;
  /** Both as measured. */
  next: Config;
  present: Config;
  kinds: readonly ProbeKind[];
  from: number;
  to: number;
  /** How long before `from` the replay should have begun. */
  warmUpMs: number;
  target: string | undefined;
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** What is missing in history, and what a replay cannot know, in words. */
export function historyLimits(basis: ReplayBasis): string[] {
  const { replayed } = basis;
  if (replayed.samples === 0)
    return ["history has no samples of this time: nothing could be replayed", ...rowLimits(basis)];
  return [...timeLimits(basis), ...rowLimits(basis), ...gapLimits(basis), ...methodLimits(basis)];
}

function timeLimits({ replayed, from, to, warmUpMs, present }: ReplayBasis): string[] {
  const { firstAt, lastAt } = replayed;
  const limits: string[] = [];
  const fullAt = firstAt + warmUpMs;
  if (hourOf(firstAt) > from) limits.push(`samples begin at ${spellTime(firstAt)}: of the time before nothing is said`);
  if (hourOf(firstAt) > from - warmUpMs)
    limits.push(
      `the longest window of the rules, ${formatDuration(warmUpMs)} with its waiting, is full from ${spellTime(fullAt)} on`,
    );
  if (lastAt + present.gridMs < to)
    limits.push(`samples end at ${spellTime(lastAt)}: Monitors hand them over twice an hour`);
  return limits;
}

function rowLimits({ history, replayed, present }: ReplayBasis): string[] {
  const watched = new Set(present.targets.map(({ name }) => name));
  const limits = history.flatMap(({ target, hours, stripped, firstAt }) => {
    if (!watched.has(target)) return [];
    const said: string[] = [];
    if (stripped > 0)
      said.push(
        `${target}: of ${plural(stripped, "hour")} the samples are kept no more (\`retention.samples_days\`), only their sums`,
      );
    const expected =
      firstAt === undefined || replayed.samples === 0 ? 0 : (hourOf(replayed.lastAt) - firstAt) / HOUR_MS + 1;
    if (hours - stripped < expected)
      said.push(`${target}: ${plural(expected - hours + stripped, "hour")} without samples`);
    return said;
  });
  if (replayed.unreadable > 0)
    limits.push(
      `${plural(replayed.unreadable, "row")} of samples could not be read: damaged, or written by another version`,
    );
  return limits;
}

function gapLimits({ replayed }: ReplayBasis): string[] {
  return replayed.gaps.flatMap(({ slots, stretches, longest }, shard) => {
    if (slots === 0) return [];
    const of = replayed.gaps.length > 1 ? `shard ${shard}: ` : "";
    const where = `${plural(stretches, "stretch").replace("stretchs", "stretches")}, the longest ${longest.slots} from ${spellTime(longest.at)}`;
    return [`${of}${plural(slots, "slot")} missed in ${where}; they are gaps, and no rule was evaluated in them`];
  });
}

function methodLimits({ next, present, kinds, target }: ReplayBasis): string[] {
  const limits: string[] = [];
  const several = present.vantages.length > 1;
  if (thresholdsOf(next) !== thresholdsOf(present))
    limits.push("confirmations are those of then: other thresholds would have asked for others");
  const relayed = kinds.filter(({ schedule }) => schedule === "relay").map(({ kind }) => kind);
  const writes = next.targets.some(({ probes }) => probes.some(({ kind }) => relayed.includes(kind)));
  if (several && writes)
    limits.push(
      "history does not say which uploads found their blob there already, so an outage of writing may seem to end too early",
    );
  if (next.notify !== undefined || present.notify !== undefined)
    limits.push("who is told is said by the routes alone, without silences, mute times, inhibitions and escalation");
  if (several && target !== undefined)
    limits.push("with --target a vantage that was broken itself is not told apart: that takes the other targets");
  return limits;
}

const thresholdsOf = ({ targets }: Config): string =>
  JSON.stringify(targets.map(({ name, probes }) => [name, probes.map(({ kind, thresholds }) => [kind, thresholds])]));
