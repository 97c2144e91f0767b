import type { State } from "../../model/probing/verdict.ts";

/** How a target is, for people: its state, or `maintenance` while planned work explains a state other than up. */
export type Level = State | "maintenance";

/** From the best to the worst. */
export const LEVELS = ["up", "maintenance", "unknown", "degraded", "regional", "down"] as const satisfies Level[];

/** How a day was: `none` has no results, `planned` counts for nothing, `minor` has downtime below 5 %. */
export type DayLevel = "up" | "minor" | "major" | "planned" | "none";

/** Days in a row that were alike; a day with downtime stands alone. */
export interface DayRun {
  /** Start of the first, epoch ms. */
  from: number;
  days: number;
  level: DayLevel;
  downMs: number;
}

/** Uptime of a stretch of time; `ratio` (0 to 1) is undefined where no time counts. */
export interface ShownUptime {
  ratio: number | undefined;
  downMs: number;
  countedMs: number;
}

/**
 * What anybody may see of a target that is public. Nothing else reaches the status page, the feed, the badges and
 * `status.json`: no URL, no text of a server, no name or comment of a person, no label but the group's value.
 */
export interface TargetStatus {
  name: string;
  group: string;
  level: Level;
  /** The state in words. */
  words: string;
  /** Undefined where history cannot be read. */
  days: readonly DayRun[] | undefined;
  /** Over the days. */
  uptime: ShownUptime | undefined;
  /** Mean duration of a run by hour over 24 hours, the current one last; ms, undefined without a run. */
  latencyMs: readonly (number | undefined)[];
}

/** A moment of an incident; `text` is ours. */
export interface IncidentMoment {
  /** Epoch ms; undefined: now. */
  at: number | undefined;
  text: string;
}

/** A time in which a target was down. */
export interface ShownIncident {
  id: string;
  target: string;
  openedAt: number;
  /** Absent while it is open. */
  closedAt?: number;
  /** The target was removed before it recovered. */
  removed: boolean;
  /** What failed first, in our words. */
  reason: string;
  timeline: readonly IncidentMoment[];
}

/** Planned work that is under way or comes. */
export interface ShownMaintenance {
  name: string;
  targets: readonly string[];
  /** Epoch ms. */
  from: number;
  to: number;
  active: boolean;
}

/** An announcement of the configuration. */
export interface ShownAnnouncement {
  title: string;
  paragraphs: readonly string[];
  /** Epoch ms. */
  startsAt?: number;
  endsAt?: number;
}

/** All that the status page, the feed, the badges and `status.json` are made from. */
export interface StatusView {
  title: string;
  /** Epoch ms. */
  at: number;
  level: Level;
  /** The overall state in words. */
  words: string;
  /** What is not known at the moment, and why. */
  notes: readonly string[];
  /** By group and name. */
  targets: readonly TargetStatus[];
  /** The newest first. */
  incidents: readonly ShownIncident[];
  maintenance: readonly ShownMaintenance[];
  announcements: readonly ShownAnnouncement[];
}
