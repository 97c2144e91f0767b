import { findInhibitors } from "../inhibit.ts";
import { holdWhere, type Notice, type Stage } from "../stage.ts";
import { formatMute } from "../suppression.ts";

/** Holds what another alert says already; an escalation step only where its `unless` has `silenced`. */
export const inhibit: Stage<Notice> = (notices, { policy, alerts, now }) => {
  const inhibitorOf = findInhibitors(policy.inhibitions, alerts.values(), now);
  return holdWhere(notices, ({ alert, step }) => {
    if (step?.unless.includes("silenced") === false) return undefined;
    const found = inhibitorOf(alert);
    return found && formatMute({ by: "inhibition", name: found.alertname, ...untilOf(found.until) });
  });
};

const untilOf = (until: number | undefined): { until?: number } => (until === undefined ? {} : { until });
