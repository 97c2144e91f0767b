import type { Alert } from "../model/alerting/alert.ts";
import { type Acknowledgement, alertKey } from "../model/alerting/alerter-state.ts";
import type { Silence, SilenceState } from "../model/alerting/silence.ts";
import { silenceState } from "../notify/policy/silence-state.ts";
import type { Suppression } from "../notify/policy/suppression.ts";
import type { AlerterHead } from "../store/alerter/alerter-head.ts";

/** An alert with who knows of it and why others do not. */
export interface AlertView extends Alert {
  shard: number;
  notifiedAt?: number;
  acknowledgement?: Acknowledgement;
  /** Receivers that were told of it, or will be by a message on its way. */
  notified: readonly string[];
  suppressed: readonly Suppression[];
  /** When it ended, epoch ms; absent while it fires. */
  resolvedAt?: number;
}

/** Alerts, earliest first: those that fire, or all that are kept. */
export function viewAlerts(
  head: AlerterHead,
  suppressed: ReadonlyMap<string, readonly Suppression[]>,
  which: "firing" | "kept",
): AlertView[] {
  const notified = Map.groupBy(head.notificationLog.all.values(), (entry) => entry.alertKey);
  return [...head.alerts.all.values()]
    .filter(({ resolvedAt }) => which === "kept" || resolvedAt === undefined)
    .sort((a, b) => a.startsAt - b.startsAt)
    .map((alert): AlertView => {
      const { fingerprint, labels, annotations, startsAt, shard, notifiedAt, resolvedAt } = alert;
      const key = alertKey(alert);
      const acknowledgement = head.acknowledgements.get(key);
      const receivers = (notified.get(key) ?? []).map(
        ({ endpointKey }) => head.endpoints.get(endpointKey)?.receiver ?? "",
      );
      return {
        fingerprint,
        labels,
        annotations,
        startsAt,
        shard,
        ...(notifiedAt === undefined ? {} : { notifiedAt }),
        ...(acknowledgement === undefined ? {} : { acknowledgement }),
        notified: [...new Set(receivers)],
        suppressed: suppressed.get(key) ?? [],
        ...(resolvedAt === undefined ? {} : { resolvedAt }),
      };
    });
}

/** Every silence that is kept, with its state at `now` (epoch ms), the one that ends last first. */
export const viewSilences = (head: AlerterHead, now: number): (Silence & { state: SilenceState })[] =>
  [...head.silences.all.values()]
    .map((silence) => ({ ...silence, state: silenceState(silence, now) }))
    .sort((a, b) => b.endsAt - a.endsAt);
