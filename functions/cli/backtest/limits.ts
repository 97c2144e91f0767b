import { formatDuration } from "../../lib/duration.ts";
import { spellTime } from "../../lib/spell-time.ts";
import { HOUR_MS } from "../../lib/time-units.ts";
import type { Config } from "../../model/config.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import type { TargetHistory } from "../../store/history/history-replay.ts";
import { hourOf } from "../../store/history/history-row.ts";
import type { Replayed } from "./replay-history.ts";

/** Inputs of a replay. Times in epoch ms. */
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

/** What is missing in history, and what a replay cannot know, as sentences. */
export function historyLimits(basis: ReplayBasis): string[] {
  const { replayed } = basis;
  if (replayed.samples === 0)
    return ["history has no samples in this time range: nothing was replayed", ...rowLimits(basis)];
  return [...timeLimits(basis), ...rowLimits(basis), ...gapLimits(basis), ...methodLimits(basis)];
}

function timeLimits({ replayed, from, to, warmUpMs, present }: ReplayBasis): string[] {
  const { firstAt, lastAt } = replayed;
  const limits: string[] = [];
  const fullAt = firstAt + warmUpMs;
  if (hourOf(firstAt) > from)
    limits.push(`samples start at ${spellTime(firstAt)}: the time before that was not replayed`);
  if (hourOf(firstAt) > from - warmUpMs)
    limits.push(
      `the longest rule window (${formatDuration(warmUpMs)} including \`for\`) is full from ${spellTime(fullAt)} on`,
    );
  if (lastAt + present.gridMs < to)
    limits.push(`samples end at ${spellTime(lastAt)}: Monitors write history twice an hour`);
  return limits;
}

function rowLimits({ history, replayed, present }: ReplayBasis): string[] {
  const watched = new Set(present.targets.map(({ name }) => name));
  const limits = history.flatMap(({ target, hours, stripped, firstAt }) => {
    if (!watched.has(target)) return [];
    const said: string[] = [];
    if (stripped > 0)
      said.push(
        `${target}: only rollups are left of ${plural(stripped, "hour")}; their samples are older than \`retention.samples_days\``,
      );
    const expected =
      firstAt === undefined || replayed.samples === 0 ? 0 : (hourOf(replayed.lastAt) - firstAt) / HOUR_MS + 1;
    if (hours - stripped < expected)
      said.push(`${target}: ${plural(expected - hours + stripped, "hour")} without samples`);
    return said;
  });
  if (replayed.unreadable > 0)
    limits.push(
      `${plural(replayed.unreadable, "row")} of samples could not be read: they are damaged, or of another version`,
    );
  return limits;
}

function gapLimits({ replayed }: ReplayBasis): string[] {
  return replayed.gaps.flatMap(({ slots, stretches, longest }, shard) => {
    if (slots === 0) return [];
    const of = replayed.gaps.length > 1 ? `shard ${shard}: ` : "";
    const where = `${plural(stretches, "stretch").replace("stretchs", "stretches")}, the longest ${longest.slots} from ${spellTime(longest.at)}`;
    return [`${of}${plural(slots, "slot")} missed in ${where}; no rule was evaluated in these gaps`];
  });
}

function methodLimits({ next, present, kinds, target }: ReplayBasis): string[] {
  const limits: string[] = [];
  const several = present.vantages.length > 1;
  if (thresholdsOf(next) !== thresholdsOf(present))
    limits.push("confirmation runs are the recorded ones: with other thresholds there would have been others");
  const writers = kinds.filter(({ schedule }) => schedule === "single_writer").map(({ kind }) => kind);
  const writes = next.targets.some(({ probes }) => probes.some(({ kind }) => writers.includes(kind)));
  if (several && writes)
    limits.push(
      "history does not record which uploads found their blob already stored, so a write outage may seem to end too early",
    );
  if (next.notify !== undefined || present.notify !== undefined)
    limits.push(
      "receivers come from the routes alone: silences, mute intervals, inhibitions and escalation are ignored",
    );
  if (several && target !== undefined)
    limits.push("with --target, a broken vantage cannot be detected: that needs the other targets");
  return limits;
}

const thresholdsOf = ({ targets }: Config): string =>
  JSON.stringify(targets.map(({ name, probes }) => [name, probes.map(({ kind, thresholds }) => [kind, thresholds])]));
