import type { DayRun, ShownIncident, StatusView, TargetStatus } from "./status-view.ts";

/** Version of the shape below; fields may be added without a change of it. */
const VERSION = 1;

/** The status as a program reads it: times in RFC 3339, durations in seconds. Only what the page may show. */
export const statusJson = (view: StatusView) => ({
  version: VERSION,
  title: view.title,
  at: time(view.at),
  status: view.level,
  summary: view.words,
  notes: view.notes,
  targets: view.targets.map(targetJson),
  incidents: view.incidents.map(incidentJson),
  maintenance: view.maintenance.map(({ name, targets, from, to, active }) => ({
    name,
    targets,
    startsAt: time(from),
    endsAt: time(to),
    active,
  })),
  announcements: view.announcements.map(({ title, paragraphs, startsAt, endsAt }) => ({
    title,
    text: paragraphs.join("\n\n"),
    startsAt: time(startsAt),
    endsAt: time(endsAt),
  })),
});

const targetJson = ({ name, group, level, words, days, uptime, latencyMs }: TargetStatus) => ({
  name,
  group,
  status: level,
  summary: words,
  uptime: uptime?.ratio ?? null,
  downSeconds: uptime === undefined ? null : uptime.downMs / 1_000,
  latencySeconds: latencySeconds(latencyMs),
  days: days?.map(dayJson) ?? null,
});

const latencySeconds = (means: TargetStatus["latencyMs"]): number | null => {
  const latest = means.findLast((mean) => mean !== undefined);
  return latest === undefined ? null : latest / 1_000;
};

const dayJson = ({ from, days, level, downMs }: DayRun) => ({
  from: time(from),
  days,
  level,
  downSeconds: downMs / 1_000,
});

const incidentJson = ({ id, target, openedAt, closedAt, removed, reason, timeline }: ShownIncident) => ({
  id,
  target,
  openedAt: time(openedAt),
  closedAt: time(closedAt),
  removed,
  reason,
  timeline: timeline.map(({ at, text }) => ({ at: time(at), text })),
});

/** Null for no time, and for one that no calendar has. */
const time = (ms: number | undefined): string | null =>
  ms === undefined || !(Math.abs(ms) <= 8.64e15) ? null : new Date(ms).toISOString();
