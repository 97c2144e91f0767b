import type { KnownAlert } from "../../../model/alerting/alerter-state.ts";
import { ESCALATES } from "../format-why.ts";
import type { DecideContext, Notice, Stage, Suppressed } from "../stage.ts";
import { escalationHold, recoveryHold } from "./recovery-hold.ts";

/**
 * Holds the escalation steps that are not due, and first notifications that come late to an outage that may be about to
 * end; drops steps whose receiver is notified anyway.
 */
export const escalate: Stage<Notice> = (notices, context) => {
  const passed: Notice[] = [];
  const suppressed: Suppressed[] = [];
  // All notices of an alert stand together, those of its routes first.
  let key = "";
  let receivers = new Set<string>();
  for (const notice of notices) {
    if (notice.key !== key) {
      key = notice.key;
      receivers = new Set();
    }
    if (receivers.has(notice.receiver)) continue;
    const why = holdsStep(notice, context);
    if (why === undefined) {
      passed.push(notice);
      receivers.add(notice.receiver);
    } else suppressed.push({ alertKey: key, receiver: notice.receiver, ...why });
  }
  return { passed, suppressed };
};

function holdsStep(
  { key, alert, step }: Notice,
  { acknowledgements, now }: DecideContext,
): Omit<Suppressed, "receiver" | "alertKey"> | undefined {
  if (step === undefined) return holdsLateFirst(alert, now);
  if (alert.notifiedAt === undefined) return { why: "escalation starts after the first notification" };
  const acknowledgement = acknowledgements.get(key);
  if (step.unless.includes("acknowledged") && acknowledgement !== undefined)
    return { why: `acknowledged by ${acknowledgement.by}` };
  const dueAt = alert.notifiedAt + step.afterMs;
  if (now < dueAt) return { why: ESCALATES, until: dueAt };
  const until = escalationHold(alert, dueAt, now);
  if (until === undefined) return undefined;
  const recovering = recoveryHold(alert, now) === undefined ? {} : { isRecovering: true as const };
  return { why: "its escalation waits for the next run", until, ...recovering };
}

/**
 * A first notification never waits for recovery, unless something else has held it back until the target is recovering: a
 * silence or maintenance that ends in the minute after the mend must not page for what is over.
 */
function holdsLateFirst(alert: KnownAlert, now: number): Omit<Suppressed, "receiver" | "alertKey"> | undefined {
  const { notifiedAt, newestRun, receivedAt } = alert;
  // One that the Alerter has only just received was held back by nobody: without its page the outage would be missed.
  if (notifiedAt !== undefined || newestRun === undefined || now - receivedAt < newestRun.recheckMs) return undefined;
  const until = recoveryHold(alert, now);
  return until === undefined
    ? undefined
    : { why: "held back until now, and it may be about to end", until, isRecovering: true };
}
