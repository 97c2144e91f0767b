import type { Severity } from "./alert.ts";
import type { Matcher } from "./matcher.ts";

/** A recurring stretch of time in Alertmanager's syntax, compiled. Fields are AND, entries of a field OR, absent: any. */
export interface TimeSpan {
  /** Minutes of the day, end exclusive, at most 1440. */
  times?: readonly { from: number; to: number }[];
  /** 0 = Sunday; both ends inclusive. */
  weekdays?: readonly { from: number; to: number }[];
  /** 1 to 31, or -31 to -1 from the month's end; both ends inclusive. */
  daysOfMonth?: readonly { from: number; to: number }[];
  /** 1 to 12. */
  months?: readonly { from: number; to: number }[];
  years?: readonly { from: number; to: number }[];
  /** IANA zone, such as `Europe/Berlin`. */
  location: string;
}

/** A named set of spans; it holds while any of them does. */
export interface TimeInterval {
  name: string;
  spans: readonly TimeSpan[];
}

/** One step of an escalation: who is told if nobody has acted by then. */
export interface EscalationStep {
  /** Since the alert's first notification. */
  afterMs: number;
  receiver: string;
  /** What keeps the step from being taken; a step without it is always taken while the alert fires. */
  unless: readonly ("acknowledged" | "silenced")[];
}

/** What holds for all alerts of a severity, wherever they are routed. */
export interface SeverityPolicy {
  /** Names of intervals in which nobody is told of new alerts of this severity. */
  muteIntervals: readonly string[];
  repeatIntervalMs: number;
  escalation: readonly EscalationStep[];
}

/** A node of the routing tree, defaults filled in from its parent. */
export interface Route {
  /** The matchers from the root down, as Alertmanager prints them: `{}/{team="build"}`. */
  key: string;
  matchers: readonly Matcher[];
  receiver: string;
  /** `["..."]`: every alert is a group of its own. */
  groupBy: readonly string[];
  groupWaitMs: number;
  groupIntervalMs: number;
  /** Absent: that of the severity. */
  repeatIntervalMs?: number;
  muteIntervals: readonly string[];
  /** Goes on to the next sibling after a match. */
  continue: boolean;
  routes: readonly Route[];
}

/** An alert that matches `source` mutes those that match `target` and agree with it in all labels of `equal`. */
export interface Inhibition {
  source: readonly Matcher[];
  target: readonly Matcher[];
  equal: readonly string[];
  /**
   * What began before the source ended stays muted for so long after it, ms, even where it is critical. Without it the
   * house's default holds, and never for what is critical.
   */
  lingerMs?: number;
}

/** Everything that decides who is told what, and when. */
export interface NotifyPolicy {
  route: Route;
  severities: Readonly<Record<Severity, SeverityPolicy>>;
  intervals: readonly TimeInterval[];
  inhibitions: readonly Inhibition[];
}
