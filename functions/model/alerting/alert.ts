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
  /** The alert says that the target is down, and lasts as long as it is. */
  down?: true;
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
  /** FNV-1a-64 over the sorted labels, 16 hex digits, as Alertmanager computes it. */
  fingerprint: string;
  labels: AlertLabels;
  /** Texts for people: `summary`, `description`, `runbook_url`, `last_success`. They may change while the alert is firing. */
  annotations: Readonly<Record<string, string>>;
  /** What it rests on; absent where no probe's runs are behind it. For those who may read, not for public pages. */
  evidence?: Evidence;
  /** When the condition began to hold for as long as its rule asks, epoch ms. */
  startsAt: number;
  /** When the condition began to hold, epoch ms; absent if equal to `startsAt`. */
  activeSince?: number;
  /** Present where its target is down. */
  outage?: Outage;
  /** Present where runs of a probe decide when it ends. */
  newestRun?: NewestRun;
}

/** Start of the outage, epoch ms: when the condition began to hold, not when the alert started firing. */
export const begunAt = ({ startsAt, activeSince }: Pick<Alert, "startsAt" | "activeSince">): number =>
  activeSince === undefined ? startsAt : Math.min(activeSince, startsAt);

/** Identifies one firing of an alert, for resolves and acknowledgements. */
export type AlertRef = Pick<Alert, "fingerprint" | "startsAt">;

/** The end of one firing of an alert. It does not apply to a later firing of the same labels. */
export interface Resolve extends AlertRef {
  resolvedAt: number;
  /** `removed`: its target, rule or shard is gone, so it is no longer evaluated. */
  why: "recovered" | "removed";
}

/** What a Monitor reports to the Alerter after each tick. Absence from `firing` does not mean resolved; a resolve is explicit. */
export interface Intake {
  shard: number;
  /** Assigned by the Alerter. A Monitor of an older generation is refused and stops probing. */
  generation: number;
  /** Increases by one with every intake of a (shard, generation). A repeated or older one is answered but not applied. */
  sequence: number;
  /** Start of the slot it was made for, epoch ms. */
  slot: number;
  firing: readonly Alert[];
  /** Repeated with every intake until acknowledged. */
  resolved: readonly Resolve[];
}

/**
 * The Alerter's answer to an intake. `old_generation`: another configuration is active, stop probing. `unknown_shard`:
 * the generation is unknown or has no such shard, join again.
 */
export type IntakeAnswer =
  /** `acknowledged`: resolves that must not be sent again. */
  | { ok: true; acknowledged: readonly AlertRef[] }
  /** `generation`: the active one. */
  | { ok: false; why: "old_generation" | "unknown_shard"; generation: number };

/** What a Monitor sends when it starts, and again whenever it is refused. */
export interface Join {
  shard: number;
  /** Shards of the Monitor's configuration. */
  shards: number;
  /** Hash of the Monitor's configuration. */
  config: string;
}

/** The Alerter's answer to a join. A Monitor sends no intake before it has this answer. */
export type JoinAnswer =
  | {
      ok: true;
      generation: number;
      /** Sequence of the last intake applied for this shard; continue from here. */
      sequence: number;
      /** Firing alerts that this Monitor owns from now on. */
      alerts: readonly Alert[];
    }
  /** `generation`: the active one. The Monitor's configuration has been replaced: stop probing. */
  | { ok: false; why: "old_generation"; generation: number };
