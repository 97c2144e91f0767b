import { holdWhere, type Notice, type Stage } from "../stage.ts";
import { formatMute } from "../suppression.ts";
import { activeMaintenance } from "../windows/maintenance.ts";

/** Holds what is about a target in maintenance, escalation steps of every kind included. */
export const maintain: Stage<Notice> = (notices, { maintenance = [], now }) => {
  if (maintenance.length === 0) return { passed: notices, suppressed: [] };
  return holdWhere(notices, ({ alert }) => {
    const active = activeMaintenance(maintenance, alert.labels, now);
    return active && formatMute({ by: "maintenance", ...active });
  });
};
