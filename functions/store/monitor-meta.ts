import type { Postponed } from "../model/probing/postpone.ts";
import type { Role } from "../model/probing/probe-task.ts";
import type { Vantage } from "../model/probing/vantage.ts";
import type { MetaForm } from "./meta-form.ts";
import { count, flag, list, maybe, number, object, oneOf, type Shape, text, time } from "./shape.ts";

/** A run by its name only: its task is made anew from the config when it is run. */
export interface NamedRun {
  target: string;
  probe: string;
  vantage: Vantage;
  role: Role;
  /** The run before it took its whole deadline. */
  slow?: boolean;
}

/** Runs of a slot that were decided on and not made yet: confirmations, and what was due at once after a recheck. */
export interface PendingSlot {
  /** Epoch ms. */
  slot: number;
  /** The attempt that they will be; absent: 1. */
  attempt?: number;
  runs: readonly NamedRun[];
}

/** The rechecks of a slot so far. */
export interface RecheckState {
  /** Epoch ms. */
  slot: number;
  /** The last attempt that was made of it. */
  attempt: number;
  /** Connection time that they have taken of the busiest lane, ms. */
  usedMs: number;
}

/** How far a Monitor has come with what it sends to the Alerter. */
export interface IntakeMeta {
  /** Of the newest intake. */
  sequence: number;
  /** The generation that this Monitor was let in with last; 0 before the first. */
  generation: number;
  /** The generation that this deployed configuration was refused for: an evicted Monitor must not probe with it either. */
  replaced?: { config: string; by: number };
}

/** What is stored beside the windows of rules. */
export interface WindowsMeta {
  /** The minute that the windows end with, since the epoch; 0 before the first. */
  minute: number;
  /** Address for the next number that is followed. They are never used twice, so that old minutes cannot be misread. */
  nextAddress: number;
  /** The minute in which rows were last found lost or damaged; what lacks among those until then is known to lack. */
  repairedAt?: number;
}

/** What a Monitor stores beside its numbers: all of it. Each owner of a field reads and writes only its own. */
export interface MonitorMeta {
  /** Start of the newest slot that was run, epoch ms; 0 before the first. */
  lastSlot: number;
  /** Grid that `lastSlot` was run on. */
  gridMs: number;
  /** Hash of the config that the series were last reconciled with. */
  configHash: string;
  /** Commits so far; part of the version of what is shown. */
  commits: number;
  /** The version of this software and the deployed config that the series were last reconciled with. */
  about?: string;
  /** What the newest attempt asked for. */
  pending?: PendingSlot;
  rechecks?: RecheckState;
  /** Early runs that nothing has come of yet, as `EarlyRuns` names them. */
  early?: readonly string[];
  /** Runs of earlier slots that wait for one with room. */
  postponed?: readonly Postponed[];
  intake?: IntakeMeta;
  windows?: WindowsMeta;
}

const pending: Shape<PendingSlot> = object({
  slot: time,
  attempt: maybe(count),
  runs: list(
    object({ target: text, probe: text, vantage: text, role: oneOf("sole", "first", "follower"), slow: maybe(flag) }),
  ),
});
const postponed: Shape<readonly Postponed[]> = list(
  object({ target: text, probe: text, vantage: text, role: oneOf("sole", "first", "follower"), dueAt: time }),
);
const rechecks: Shape<RecheckState> = object({ slot: time, attempt: count, usedMs: number });
const intake: Shape<IntakeMeta> = object({
  sequence: count,
  generation: count,
  replaced: maybe(object({ config: text, by: count })),
});
const windows: Shape<WindowsMeta> = object({ minute: count, nextAddress: count, repairedAt: maybe(count) });

const FIELDS = {
  lastSlot: time,
  gridMs: count,
  configHash: text,
  commits: count,
  about: maybe(text),
  pending: maybe(pending),
  rechecks: maybe(rechecks),
  early: maybe(list(text)),
  postponed: maybe(postponed),
  intake: maybe(intake),
  windows: maybe(windows),
};

/** How a Monitor's meta is stored. */
export const MONITOR_META: MetaForm<MonitorMeta> = {
  empty: { lastSlot: 0, gridMs: 0, configHash: "", commits: 0 },
  fields: FIELDS,
  isWhole: object(FIELDS),
};
