import { CATALOGUE } from "../../config/rules/catalogue.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import type { Config } from "../../model/config.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import { type AskHistory, readIncidents, readOverview } from "../../store/history/history-replay.ts";
import type { ReplayedAlert } from "./alert-log.ts";
import { type AsMeasured, asMeasured } from "./as-measured.ts";
import { type Comparison, compare } from "./compare.ts";
import { judgeable, type NotJudged } from "./judgeable.ts";
import { historyLimits } from "./limits.ts";
import { type Replayed, replayHistory, warmUpMs } from "./replay-history.ts";

/** What is asked of history. Times in epoch ms. */
export interface BacktestJob {
  ask: AskHistory;
  next: Config;
  present: Config;
  kinds: readonly ProbeKind[];
  from: number;
  to: number;
  /** Only this target; undefined: all. */
  target: string | undefined;
  onProgress: (share: number) => void;
}

/** What changed rules would have done. */
export interface Backtest extends Comparison {
  /** All alerts of the present configuration. */
  present: ReplayedAlert[];
  /** The new configuration's rules that were judged, in their order. */
  judged: readonly Rule[];
  /** Rules of either configuration that could not be judged. */
  notJudged: NotJudged[];
  /** Rules among them that the two configurations do not have alike. */
  changedNotJudged: string[];
  replayed: Replayed;
  /** Targets of the new configuration that were replayed. */
  targets: number;
  /** What must be known to believe the rest, in words. */
  limits: string[];
}

/** Replays history through both configurations and compares what they come to. Throws where history cannot be asked. */
export function backtest(job: BacktestJob): Backtest {
  const { ask, from, to, target } = job;
  const given = [job.next, job.present].map((config) => only(config, target));
  const parts = given.map((config) => judgeable(config.rules ?? CATALOGUE, config));
  const rulesOf = (i: number): readonly Rule[] => parts[i]?.judged ?? [];
  const warmUp = warmUpMs(given.map((config, i) => ({ config, rules: rulesOf(i) })));
  const overview = readOverview(ask, { from: from - warmUp, to, target });
  const history = overview.targets;
  const [next, present] = given.map((config) => asMeasured(config, job.present, history)) as [AsMeasured, AsMeasured];
  const replayed = replayHistory({
    ask,
    sides: [next, present].map(({ config }, i) => ({ config, rules: rulesOf(i) })),
    present: present.config,
    kinds: new Map(job.kinds.map((kind) => [kind.kind, kind])),
    from: from - warmUp,
    to,
    target,
    hours: overview.hours,
    onProgress: job.onProgress,
  });
  const isMeant = ({ firedAt, resolvedAt }: ReplayedAlert): boolean =>
    firedAt < to && (resolvedAt === undefined || resolvedAt >= from);
  const [alerts = [], before = []] = replayed.alerts.map((of) => of.filter(isMeant).toSorted(byBeginning));
  const watched = new Set([next, present].flatMap(({ config }) => config.targets.map(({ name }) => name)));
  const notJudged = distinct(parts.flatMap((part) => part.notJudged));
  const changed = changedRules(job.next.rules ?? CATALOGUE, job.present.rules ?? CATALOGUE);
  const recorded = overview.hasIncidents ? readIncidents(ask, { from, to, target }) : [];
  const incidents = recorded.filter((incident) => watched.has(incident.target));
  const basis = { ...job, history, replayed, next: next.config, present: present.config, warmUpMs: warmUp };
  const limits = [...present.limits, ...next.limits, ...historyLimits(basis)];
  if (!overview.hasIncidents) limits.push("this copy of history has no incidents; none are compared");
  const unlike = compare(before, before, incidents).incidents.filter(({ cover }) => cover !== "paged").length;
  if (unlike > 0)
    limits.push(
      `${unlike} of the recorded incidents would not page under the present configuration either: another one was in force then`,
    );
  return {
    ...compare(alerts, before, incidents),
    present: before,
    judged: rulesOf(0),
    notJudged,
    changedNotJudged: [...new Set(notJudged.map(({ rule }) => rule))].filter((rule) => changed.has(rule)),
    replayed,
    targets: next.config.targets.length,
    limits: [...new Set(limits)],
  };
}

const only = (config: Config, target: string | undefined): Config =>
  target === undefined ? config : { ...config, targets: config.targets.filter(({ name }) => name === target) };

const byBeginning = (a: ReplayedAlert, b: ReplayedAlert): number => a.firedAt - b.firedAt;

/** Names of the rules that only one of two sets has, or that are not alike in both. */
function changedRules(next: readonly Rule[], present: readonly Rule[]): Set<string> {
  const [a, b] = [next, present].map((rules) => new Map(rules.map((rule) => [rule.name, JSON.stringify(rule)])));
  return new Set([...next, ...present].map(({ name }) => name).filter((name) => a?.get(name) !== b?.get(name)));
}

const distinct = (all: readonly NotJudged[]): NotJudged[] => [
  ...new Map(all.map((one) => [JSON.stringify(one), one])).values(),
];
