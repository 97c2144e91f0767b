import type { AlertLabels } from "./alerting/alert.ts";
import type { Reason } from "./probing/failure.ts";
import type { Outcome } from "./probing/sample.ts";
import type { State } from "./probing/verdict.ts";

/** A run that did not succeed, for the log: reasons and our own text, never a URL or a server's text. */
export interface BadRun {
  target: string;
  probe: string;
  vantage: string;
  outcome: Outcome;
  reason: Reason;
  text: string;
  hint?: string;
}

/** Log events, one JSON line each. */
export type WatchEvent =
  | {
      event: "tick";
      slot: number;
      attempt: number;
      runs: number;
      ok: number;
      lost: number;
      missed: number;
      durationMs: number;
      /** Number of runs by outcome, except `ok`; outcomes with 0 runs are absent. */
      counts: Partial<Record<Exclude<Outcome, "ok">, number>>;
      /** The first unsuccessful runs, for people. The list is cut, so take numbers from `counts`. */
      bad: BadRun[];
    }
  | { event: "state"; target: string; probe: string; from: State; to: State; reason: string }
  | {
      event: "alert";
      alert: string;
      labels: AlertLabels;
      change: "pending" | "firing" | "resolved" | "dropped";
    }
  | { event: "refused"; slot: number; why: string }
  | { event: "remapped"; config: string; targets: number }
  | { event: "override"; taken: boolean; why: string }
  | { event: "history"; ok: boolean; why: string }
  /** An attempt to deliver a message. Never contains a URL, a secret or a receiver's text. */
  | {
      event: "notification";
      id: string;
      receiver: string;
      channel: string;
      reason: string;
      status: string;
      alerts: number;
      /** Alerts that are new in this message, and alerts that are over since the last one. */
      added: number;
      ended: number;
      outcome: "delivered" | "uncertain" | "again" | "dead" | "withdrawn";
      tries: number;
      why: string;
    }
  /** A template of a receiver that could not be used: the built-in words were sent. */
  | { event: "template"; receiver: string; channel: string; template: "title" | "text"; why: string }
  /** A RegionProber has said where it runs. `remade`: that was elsewhere, and `generation` replaces it. */
  | {
      event: "prober";
      vantage: string;
      lane: number;
      generation: number;
      colo: string;
      country: string;
      change: "seen" | "misplaced" | "remade";
    }
  | { event: "heartbeat"; ok: boolean; why: string }
  | { event: "generation"; number: number; config: string; shards: number }
  /** A stored silence that the Alerter expired because its matchers are invalid. */
  | { event: "silence_expired"; silence: string; why: string }
  | { event: "error"; place: string; error: string };
