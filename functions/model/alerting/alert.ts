import type { Evidence } from "./evidence.ts";

/** How bad it is: `critical` pages, `warning` is looked at in hours, `info` is for the record. */
export const SEVERITIES = ["critical", "warning", "info"] as const;

export type Severity = (typeof SEVERITIES)[number];

export type AlertLabels = Readonly<Record<string, string>>;

/**
 * An alert's severity. One that is missing or unknown counts as critical everywhere, for routing and in every message:
 * never to miss an outage comes before never to page for nothing.
 */
export const severityOf = ({ severity }: AlertLabels): Severity =>
  SEVERITIES.find((known) => known === severity) ?? "critical";

/** Why a target is down, and what it has in common with others, to tell one cause as one. For the Alerter alone. */
export interface Outage {
  /** `unreachable` where the server is not there, else the reason itself. */
  cause: string;
  /** Hash of the hosts that were asked, never the hosts themselves: targets with the same one share their front. */
  front: string;
  /** The vantages that fail, where the others do not; absent where all fail, or there is only one. */
  region?: string;
}

/** The newest run behind an alert, which says whether the outage is about to end. */
export interface NewestRun {
  /** When it began, epoch ms. */
  at: number;
  /** It failed; else it counts towards recovery. */
  failed: boolean;
  /** How soon the next one is asked, ms. */
  recheckMs: number;
  /** Deadline of a run, ms. */
  timeoutMs: number;
  /** Good runs in a row that end the outage. */
  recoveries: number;
}

/**
 * An alert that is firing. Its identity is its labels (`alertname` and `severity` among them) together with `startsAt`:
 * the same labels firing again later are another alert.
 */
export interface Alert {
  /** FNV-1a-64 over the sorted labels, 16 hex digits: the one Alertmanager computes. */
  fingerprint: string;
  labels: AlertLabels;
  /** Texts for people: `summary`, `description`, `runbook_url`, `last_success`. They may change while it fires. */
  annotations: Readonly<Record<string, string>>;
  /** What it rests on; absent where no probe's runs are behind it. For those who may read, not for public pages. */
  evidence?: Evidence;
  /** When the condition began to hold for as long as its rule asks, epoch ms. */
  startsAt: number;
  /** When the condition began to hold, epoch ms; absent where that is `startsAt`. */
  activeSince?: number;
  /** Present where its target is down. */
  outage?: Outage;
  /** Present where runs of a probe decide when it ends. */
  newestRun?: NewestRun;
}

/** When what an alert tells of began, epoch ms: an outage is as old as its condition, not as its page. */
export const begunAt = ({ startsAt, activeSince }: Pick<Alert, "startsAt" | "activeSince">): number =>
  activeSince === undefined ? startsAt : Math.min(activeSince, startsAt);

/** Names one firing of an alert; resolves and acknowledgements name it. */
export type AlertRef = Pick<Alert, "fingerprint" | "startsAt">;

/** That an alert is over. A later firing of the same labels is not meant by it. */
export interface Resolve extends AlertRef {
  resolvedAt: number;
  /** `removed`: its target, rule or shard is gone, so nobody will say more of it. */
  why: "recovered" | "removed";
}

/** What a Monitor tells the Alerter after each tick. Absence from `firing` says nothing; a resolve is explicit. */
export interface Intake {
  shard: number;
  /** Numbered by the Alerter; a Monitor of an older one is refused and stops probing. */
  generation: number;
  /** Goes up by one with every intake of a (shard, generation); a repeated or older one is answered and not applied. */
  sequence: number;
  /** Start of the slot it was made for, epoch ms. */
  slot: number;
  firing: readonly Alert[];
  /** Sent again with every intake until acknowledged. */
  resolved: readonly Resolve[];
}

/**
 * The Alerter's answer to an intake. `old_generation`: another configuration is in force, stop probing. `unknown_shard`:
 * the generation is not known or has no such shard, join again.
 */
export type IntakeAnswer =
  /** `acknowledged`: resolves that need not be sent again. */
  | { ok: true; acknowledged: readonly AlertRef[] }
  /** `generation`: the one that is in force. */
  | { ok: false; why: "old_generation" | "unknown_shard"; generation: number };

/** What a Monitor says when it starts, and again whenever it is refused. */
export interface Join {
  shard: number;
  /** Shards of the Monitor's configuration. */
  shards: number;
  /** Hash of the Monitor's configuration. */
  config: string;
}

/** The Alerter's answer to a join. A Monitor sends no intake before it has one. */
export type JoinAnswer =
  | {
      ok: true;
      generation: number;
      /** Of the last intake that was applied for this shard; go on from here. */
      sequence: number;
      /** Alerts that fire and are the Monitor's to speak for from now on. */
      alerts: readonly Alert[];
    }
  /** `generation`: the one that is in force. The Monitor's configuration has been replaced: stop probing. */
  | { ok: false; why: "old_generation"; generation: number };
