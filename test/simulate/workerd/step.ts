import type { AlertRef } from "../../../functions/model/alerting/alert.ts";
import type { Silence } from "../../../functions/model/alerting/silence.ts";

/** The Durable Objects whose alarms are run by hand. */
export const OBJECTS = ["monitor", "alerter"] as const;
export type ObjectName = (typeof OBJECTS)[number];

/** What happens in the Worker at a time. */
export type Act =
  | { kind: "cron"; time: number }
  | { kind: "alarm"; object: ObjectName }
  | { kind: "evict" }
  | { kind: "silence"; silence: Silence }
  | { kind: "acknowledge"; ref: AlertRef };

/** One step of the Worker's time. */
export interface Step {
  /** Tells acts apart; one may end in a later step than the one that began it. */
  id: number;
  /** What the platform's clock shows from now on, epoch ms. */
  now: number;
  /** Origins, as the configuration has them, that answer nothing at present. */
  hanging: readonly string[];
  isDatabaseDown: boolean;
  /** Left out: only time goes on. */
  act?: Act;
}

/** What came of a step: nothing more happens before the clock moves. */
export interface Stepped {
  /** Alarms as the objects have them in storage, epoch ms. */
  alarms: Readonly<Record<ObjectName, number | null>>;
  /** When the earliest deadline that is running passes, epoch ms. */
  deadlineAt?: number;
  /** Acts that have ended. */
  ended: readonly { id: number; error?: string }[];
  /** Errors that the product logged in this step. */
  errors: readonly string[];
  /** Ticks, rechecks and confirmations left out. */
  ticks: number;
}

/** What a Worker is told before its first step. */
export interface SetUp {
  /** Where origins of the configuration really are: a base URL each. */
  origins: Readonly<Record<string, string>>;
  migrations: readonly string[];
}

/** A row of the table `incident` in D1. */
export interface IncidentRow {
  target: string;
  opened_ms: number;
  /** Seconds. */
  closed: number | null;
}
