import type { Alert, AlertLabels, AlertRef } from "../../model/alerting/alert.ts";
import type { Acknowledgement, DeadLetter } from "../../model/alerting/alerter-state.ts";
import type { Incident } from "../../model/alerting/incident.ts";
import type { Silence, SilenceState } from "../../model/alerting/silence.ts";
import type { Suppression } from "../../notify/policy/suppression.ts";

/** An alert with the notified receivers, and why others were not. */
export interface ActiveAlert extends Alert {
  /** Time of the first notification, epoch ms. */
  notifiedAt?: number;
  acknowledgement?: Acknowledgement;
  /** Receivers that were notified, or will be by a queued message. */
  notified: readonly string[];
  suppressed: readonly Suppression[];
  /** When it ended, epoch ms; absent while it fires. */
  resolvedAt?: number;
}

/** A silence with its state now. */
export type ListedSilence = Silence & { state: SilenceState };

/** The Alerter, as the HTTP side uses it. Arguments are checked before. */
export interface AlertingPort {
  /** Alerts, the earliest first: firing ones, or all that are kept. */
  alerts(which: "firing" | "kept"): Promise<readonly ActiveAlert[]>;
  silences(): Promise<readonly ListedSilence[]>;
  putSilence(silence: Silence): Promise<void>;
  /** Answers whether there was one that had not ended. */
  expireSilence(id: string): Promise<boolean>;
  /** Answers whether it fires. */
  acknowledge(ref: AlertRef, by: string, comment: string): Promise<boolean>;
  drill(labels: AlertLabels, by: string): Promise<AlertRef>;
  /** The newest first; times of which nothing is known among them. */
  incidents(): Promise<readonly Incident[]>;
  /** The newest first. */
  deadLetters(): Promise<readonly DeadLetter[]>;
}
