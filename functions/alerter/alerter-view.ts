import type { Alert } from "../model/alerting/alert.ts";
import { type Acknowledgement, alertKey } from "../model/alerting/alerter-state.ts";
import type { Silence, SilenceState } from "../model/alerting/silence.ts";
import type { Suppression } from "../notify/policy/suppression.ts";
import { silenceState } from "../notify/policy/windows/silence-state.ts";
import type { AlerterHead } from "../store/alerter/alerter-head.ts";

/** An alert with the receivers that were notified, and why others were not. */
export interface AlertView extends Alert {
  shard: number;
  notifiedAt?: number;
  acknowledgement?: Acknowledgement;
  /** Receivers that were notified of it, or will be by a message in the outbox. */
  notified: readonly string[];
  suppressed: readonly Suppression[];
  /** When it resolved, epoch ms; absent while it is firing. */
  resolvedAt?: number;
}

/** Alerts, earliest first: only firing ones, or all that are kept. */
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
      const { fingerprint, labels, annotations, evidence, startsAt, shard, notifiedAt, resolvedAt } = alert;
      const key = alertKey(alert);
      const acknowledgement = head.acknowledgements.get(key);
      const receivers = (notified.get(key) ?? []).map(
        ({ endpointKey }) => head.endpoints.get(endpointKey)?.receiver ?? "",
      );
      return {
        fingerprint,
        labels,
        annotations,
        ...(evidence === undefined ? {} : { evidence }),
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

/** All kept silences with their state at `now` (epoch ms), latest end first. */
export const viewSilences = (head: AlerterHead, now: number): (Silence & { state: SilenceState })[] =>
  [...head.silences.all.values()]
    .map((silence) => ({ ...silence, state: silenceState(silence, now) }))
    .sort((a, b) => b.endsAt - a.endsAt);
