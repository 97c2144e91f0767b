import { SEVERITIES, severityOf } from "../model/alerting/alert.ts";
import type { Observation } from "../model/metric.ts";
import type { Decision } from "../notify/policy/decide.ts";
import { silenceState } from "../notify/policy/windows/silence-state.ts";
import type { AlerterHead } from "../store/alerter/alerter-head.ts";

const STATES = ["active", "muted", "acknowledged"] as const;

/** Sets the Alerter's gauges after a decision. */
export function alerterGauges(
  head: AlerterHead,
  { suppressed }: Pick<Decision, "suppressed">,
  now: number,
): Observation[] {
  const counts = new Map<string, number>();
  for (const [key, alert] of head.alerts.all) {
    if (alert.resolvedAt !== undefined) continue;
    const mutes = (suppressed.get(key) ?? []).flatMap(({ mute }) => mute ?? []);
    // A receiver without a channel mutes an alert only where no other one is notified.
    const isMuted = mutes.some((by) => by !== "receiver" || alert.notifiedAt === undefined);
    const isAcknowledged = head.acknowledgements.get(key) !== undefined;
    const state = isMuted ? "muted" : isAcknowledged ? "acknowledged" : "active";
    const name = `${state} ${severityOf(alert.labels)}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const silences = [...head.silences.all.values()].map((silence) => silenceState(silence, now));
  const created = [...head.outbox.all.values()].map(({ createdAt }) => createdAt);
  return [
    ...STATES.flatMap((state) =>
      SEVERITIES.map((severity) =>
        of("zako_watch_alerts", counts.get(`${state} ${severity}`) ?? 0, { state, severity }),
      ),
    ),
    ...(["active", "pending"] as const).map((state) =>
      of("zako_watch_silences", silences.filter((one) => one === state).length, { state }),
    ),
    of("zako_watch_outbox_backlog", created.length),
    of(
      "zako_watch_outbox_oldest_timestamp_seconds",
      created.length === 0 ? Number.NaN : created.reduce((a, b) => Math.min(a, b)) / 1000,
    ),
    of("zako_watch_dead_letters", head.dead.all.size),
    of("zako_watch_alerter_generation", head.generation?.number ?? 0),
    of("zako_watch_alerter_history_backlog", head.notes.all.size),
  ];
}

const of = (family: string, value: number, labels: Observation["labels"] = {}): Observation => ({
  family,
  labels,
  value,
});
