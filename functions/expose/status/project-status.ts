import type { Span } from "../../lib/time-spans.ts";
import { DAY_MS, HOUR_MS } from "../../lib/time-units.ts";
import type { Incident } from "../../model/alerting/incident.ts";
import { shardOf } from "../../model/probing/placement.ts";
import type { State } from "../../model/probing/verdict.ts";
import { DEFAULT_TITLE, type StatusPageConfig } from "../../model/status-page.ts";
import { hourOf } from "../../store/history/history-row.ts";
import type { HourMean } from "../../store/history/read-history.ts";
import { judgeDays } from "./day-runs.ts";
import { mergeIncidents, showIncident } from "./shown-incidents.ts";
import { plannedSpans, showMaintenance } from "./shown-maintenance.ts";
import { type Present, SHOWN_DAYS, type StatusFacts } from "./status-facts.ts";
import { LEVELS, type Level, type ShownAnnouncement, type StatusView, type TargetStatus } from "./status-view.ts";

/** Which targets a reader may see. */
export type Audience = "all" | "public";

/** Makes what a reader may see. The only way from facts to what is shown. Pure. */
export function projectStatus(facts: StatusFacts, audience: Audience): StatusView {
  const { now, page } = facts;
  const incidents = mergeIncidents(facts.history?.value.incidents ?? [], facts.alerter?.incidents);
  const listed = listTargets(facts, audience);
  const names = new Set(listed.map(({ name }) => name));
  const planned = plannedSpans(facts, listed, SHOWN_DAYS);
  const byTarget = Map.groupBy(incidents, ({ target }) => target);
  const targets = listed.map((one) =>
    showTarget(one, facts, byTarget.get(one.name) ?? [], planned.get(one.name) ?? []),
  );
  const down = incidents.filter(({ target, state }) => state === "down" && names.has(target));
  return {
    title: page?.title ?? DEFAULT_TITLE,
    at: now,
    ...judgeOverall(targets),
    notes: notesOf(facts),
    targets: targets.sort((a, b) => compare(a.group, b.group) || compare(a.name, b.name)),
    incidents: down.map(showIncident),
    maintenance: showMaintenance(facts, names),
    announcements: showAnnouncements(page, now),
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

type Listed = StatusFacts["targets"][number];

/** The configured targets, and those that a configuration override has added, which nobody has made public. */
function listTargets({ targets, shards }: StatusFacts, audience: Audience): Listed[] {
  if (audience === "public") return targets.filter((one) => one.public === true);
  const known = new Set(targets.map(({ name }) => name));
  const others = shards.flatMap((shard) => [...(shard?.keys() ?? [])].filter((name) => !known.has(name)));
  return [...targets, ...others.map((name) => ({ name, labels: {} }))];
}

function showTarget(
  { name, labels }: Listed,
  { now, page, shards, history, alerter }: StatusFacts,
  incidents: readonly Incident[],
  planned: readonly Span[],
): TargetStatus {
  const shard = shards[shardOf(name, shards.length)];
  const present = shards.find((one) => one?.has(name))?.get(name);
  const active = planned.find(({ from, to }) => from <= now && to > now);
  const spans = (state: Incident["state"]): Span[] =>
    incidents
      .filter((one) => one.state === state)
      .map(({ openedAt, closedAt }) => ({ from: openedAt, to: closedAt ?? now }));
  const today = now - (now % DAY_MS);
  const known = new Set(history?.value.days.get(name));
  // Today's first row comes with the first half hour.
  if (present !== undefined) known.add(today);
  const past = { down: spans("down"), unknown: spans("unknown"), planned };
  const days = history && judgeDays({ now, count: SHOWN_DAYS, known, ...past });
  return {
    name,
    group: page?.groupBy === undefined ? "" : (labels[page.groupBy] ?? ""),
    level: levelOf(present, active !== undefined),
    words: wordsOf(present, shard === undefined, active !== undefined),
    days: days?.runs,
    uptime: alerter === undefined ? undefined : days?.uptime,
    latencyMs: latencyOf(history?.value.hours.get(name) ?? [], now),
  };
}

const levelOf = (present: Present | undefined, isPlanned: boolean): Level => {
  const state = present?.isStale === true ? "unknown" : (present?.state ?? "unknown");
  return isPlanned && state !== "up" ? "maintenance" : state;
};

const STATE_TEXT: Readonly<Record<State, string>> = {
  up: "up",
  degraded: "degraded: slow, or a minor check fails",
  regional: "fails from some places",
  down: "down",
  unknown: "unknown: no recent results",
};

function wordsOf(present: Present | undefined, isSilent: boolean, isPlanned: boolean): string {
  const state = formatState(present, isSilent);
  if (!isPlanned) return state;
  return present?.state === "up" ? "up, in maintenance" : `in maintenance; ${state}`;
}

function formatState(present: Present | undefined, isSilent: boolean): string {
  if (present === undefined)
    return isSilent ? "unknown: the prober that watches it does not answer" : "unknown: no results yet";
  if (present.isStale) return `unknown: results are stale; last known: ${present.state}`;
  const isRecovering = present.incidentOpen && present.state !== "down";
  return `${STATE_TEXT[present.state]}${isRecovering ? "; incident still open" : ""}`;
}

const HOURS = 24;

function latencyOf(hours: readonly HourMean[], now: number): (number | undefined)[] {
  const first = hourOf(now) - (HOURS - 1) * HOUR_MS;
  const means = new Map(hours.filter(({ attempts }) => attempts > 0).map(({ hour, meanMs }) => [hour, meanMs]));
  return Array.from({ length: HOURS }, (_, i) => means.get(first + i * HOUR_MS));
}

/** The worst target decides, and the words say how many. */
function judgeOverall(targets: readonly TargetStatus[]): Pick<StatusView, "level" | "words"> {
  if (targets.length === 0) return { level: "unknown", words: "No targets to show" };
  const counts = new Map<Level, number>();
  for (const { level } of targets) counts.set(level, (counts.get(level) ?? 0) + 1);
  const level = LEVELS.findLast((one) => counts.has(one)) ?? "unknown";
  const [only] = targets;
  if (targets.length === 1 && only !== undefined) return { level, words: `${only.name} is ${OVERALL_TEXT[level]}` };
  const count = counts.get(level) ?? 0;
  if (count === targets.length) return { level, words: `All ${count} targets are ${OVERALL_TEXT[level]}` };
  return {
    level,
    words: `${count} of ${targets.length} targets ${count === 1 ? "is" : "are"} ${OVERALL_TEXT[level]}`,
  };
}

const OVERALL_TEXT: Readonly<Record<Level, string>> = {
  up: "up",
  maintenance: "in maintenance",
  unknown: "in an unknown state",
  degraded: "degraded",
  regional: "failing from some places",
  down: "down",
};

/** A reader learns that something is missing before what is left is taken for all. */
function notesOf({ now, shards, health, alerter, history }: StatusFacts): string[] {
  const silent = shards.filter((shard) => shard === undefined).length;
  const historyAgeMs = history === undefined ? 0 : now - history.readAt;
  return [
    ...(silent > 0
      ? [`${silent} of ${shards.length} probers did not answer. The present state of their targets is unknown.`]
      : []),
    ...(silent === 0 && health.status === "stale"
      ? ["The states below are stale: the prober has not reported for some time."]
      : []),
    ...(alerter === undefined ? ["Recent incidents are not available at the moment."] : []),
    ...(history === undefined ? ["History is not available at the moment. The states below are current."] : []),
    ...(historyAgeMs > STALE_HISTORY_MS
      ? [`History is ${Math.round(historyAgeMs / 60_000)} min old and cannot be refreshed at the moment.`]
      : []),
  ];
}

/** Twice as long as it is kept when all is well. */
const STALE_HISTORY_MS = 600_000;

const showAnnouncements = (page: StatusPageConfig | undefined, now: number): ShownAnnouncement[] =>
  (page?.announcements ?? [])
    .filter(({ startsAt = now, endsAt = Number.POSITIVE_INFINITY }) => startsAt <= now && now < endsAt)
    .map(({ title, text, startsAt, endsAt }) => ({
      title,
      paragraphs: text.split(/\n{2,}/).filter((paragraph) => paragraph.trim() !== ""),
      ...(startsAt === undefined ? {} : { startsAt }),
      ...(endsAt === undefined ? {} : { endsAt }),
    }));
