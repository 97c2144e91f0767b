import type { Alert, AlertRef, Intake, IntakeAnswer, Resolve } from "../model/alerting/alert.ts";
import type { KnownAlert } from "../model/alerting/alerter-state.ts";
import type { AlerterHead } from "../store/alerter/alerter-head.ts";

/** Alerts that are kept at most; beyond them only critical ones are taken, up to twice as many. */
export const MAX_ALERTS = 10_000;
const MAX_LABEL_CHARACTERS = 4_000;
const MAX_ANNOTATIONS = 16;
const MAX_ANNOTATION_CHARACTERS = 1_000;

/** Applies what a Monitor reports, once, and answers it. Changes memory only; the caller commits before it answers. */
export function takeIntake(head: AlerterHead, intake: Intake, now: number): IntakeAnswer {
  const { generation } = head;
  const shard = head.shards.get(String(intake.shard));
  const number = generation?.number ?? 0;
  const count = (result: string): void =>
    head.count([{ family: "zako_watch_intakes_total", labels: { result }, value: 1 }], now);
  if (intake.generation < number) {
    count("refused");
    return { ok: false, why: "old_generation", generation: number };
  }
  if (intake.generation > number || shard === undefined) {
    count("refused");
    return { ok: false, why: "unknown_shard", generation: number };
  }
  if (intake.sequence > shard.sequence) {
    head.shards.set(String(intake.shard), { ...shard, sequence: intake.sequence, lastSeenAt: now, missedWakes: 0 });
    apply(head, intake, now);
    count("applied");
  } else count("repeated");
  return { ok: true, acknowledged: intake.resolved.filter((resolve) => isOver(head, resolve)) };
}

/** Ends a firing alert; one that began after `ref`, or is over already, is not meant. */
export function endAlert(
  head: AlerterHead,
  ref: AlertRef,
  why: Resolve["why"],
  resolvedAt: number,
  heardAt = resolvedAt,
): void {
  const alert = head.newestOf(ref.fingerprint);
  if (alert === undefined || alert.resolvedAt !== undefined || alert.startsAt > ref.startsAt) return;
  head.putAlert({ ...alert, resolvedAt, ...(heardAt > resolvedAt ? { endReceivedAt: heardAt } : {}), why });
}

/** Takes an alert that fires. One that fires already goes on, whatever it now says of its beginning. */
export function takeAlert(head: AlerterHead, alert: Alert, shard: number, now: number): void {
  const known = head.newestOf(alert.fingerprint);
  const annotations = clipped(alert.annotations);
  if (known !== undefined && known.resolvedAt === undefined) {
    if (known.shard !== shard) head.putAlert({ ...known, shard, annotations });
    else head.holdAlert({ ...known, annotations });
    return;
  }
  if (!hasRoom(head, alert)) {
    head.count([{ family: "zako_watch_dropped_alerts_total", labels: {}, value: 1 }], now);
    return;
  }
  // The same firing again after its end: its Monitor has thought better of it.
  const again = known !== undefined && alert.startsAt <= known.startsAt;
  const { fingerprint, labels, startsAt, activeSince } = alert;
  const began = activeSince === undefined ? {} : { activeSince };
  const begun: KnownAlert = { fingerprint, labels, annotations, startsAt, ...began, shard, receivedAt: now };
  head.putAlert(again ? { ...begun, startsAt: known.startsAt } : begun);
}

function apply(head: AlerterHead, { shard, firing, resolved }: Intake, now: number): void {
  const stillFiring = new Map(firing.map(({ fingerprint, startsAt }) => [fingerprint, startsAt]));
  for (const { fingerprint, startsAt, resolvedAt, why } of resolved)
    if (stillFiring.get(fingerprint) !== startsAt)
      endAlert(head, { fingerprint, startsAt }, why, Math.max(startsAt, Math.min(resolvedAt, now)), now);
  for (const alert of firing) takeAlert(head, alert, shard, now);
}

function isOver(head: AlerterHead, { fingerprint, startsAt }: AlertRef): boolean {
  const alert = head.newestOf(fingerprint);
  return alert === undefined || alert.resolvedAt !== undefined || alert.startsAt > startsAt;
}

function hasRoom(head: AlerterHead, { labels }: Alert): boolean {
  if (JSON.stringify(labels).length > MAX_LABEL_CHARACTERS) return false;
  return head.alerts.all.size < (labels["severity"] === "critical" ? 2 * MAX_ALERTS : MAX_ALERTS);
}

function clipped(annotations: Alert["annotations"]): Alert["annotations"] {
  const entries = Object.entries(annotations).slice(0, MAX_ANNOTATIONS);
  return Object.fromEntries(entries.map(([name, text]) => [name, text.slice(0, MAX_ANNOTATION_CHARACTERS)]));
}
