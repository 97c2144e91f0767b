import type { Severity } from "./alert.ts";
import type { Matcher } from "./matcher.ts";

/** A recurring time interval in Alertmanager's syntax, compiled. Fields are combined with AND, entries of a field with OR; absent: any. */
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

/** A named set of spans; it is active while any of them is. */
export interface TimeInterval {
  name: string;
  spans: readonly TimeSpan[];
}

/** One step of an escalation: who is notified if nobody has acted by then. */
export interface EscalationStep {
  /** Since the alert's first notification. */
  afterMs: number;
  receiver: string;
  /** What prevents the step; without it, the step always happens while the alert is firing. */
  unless: readonly ("acknowledged" | "silenced")[];
}

/** Settings for all alerts of a severity, whatever their route. */
export interface SeverityPolicy {
  /** Names of intervals in which nobody is notified of new alerts of this severity. */
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
  /** Absent: the severity's. */
  repeatIntervalMs?: number;
  muteIntervals: readonly string[];
  /** Names of intervals: outside all of them the route notifies nobody of new alerts. Empty: it always does. */
  activeIntervals: readonly string[];
  /** Whether matching continues with the next sibling after a match. */
  continue: boolean;
  routes: readonly Route[];
}

/** A firing alert that matches `source` mutes those that match `target` and have the same values for all labels in `equal`. */
export interface Inhibition {
  source: readonly Matcher[];
  target: readonly Matcher[];
  equal: readonly string[];
  /**
   * How long after the source's end alerts that began before it stay muted, ms, critical ones included. Absent: the
   * built-in default, which does not apply to critical alerts.
   */
  lingerMs?: number;
}

/** Everything that decides who is notified of what, and when. */
export interface NotifyPolicy {
  route: Route;
  severities: Readonly<Record<Severity, SeverityPolicy>>;
  intervals: readonly TimeInterval[];
  inhibitions: readonly Inhibition[];
}
