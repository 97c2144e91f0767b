import {
  type Alert,
  type AlertRef,
  type Intake,
  type IntakeAnswer,
  type Resolve,
  severityOf,
} from "../model/alerting/alert.ts";
import type { KnownAlert } from "../model/alerting/alerter-state.ts";
import type { Evidence } from "../model/alerting/evidence.ts";
import type { AlerterHead } from "../store/alerter/alerter-head.ts";
import { isEvidence } from "../store/evidence-shape.ts";

/** Alerts that are kept at most; beyond them only critical ones are taken, up to twice as many. */
const MAX_ALERTS = 10_000;
const MAX_LABEL_CHARACTERS = 4_000;
const MAX_ANNOTATIONS = 16;
const MAX_ANNOTATION_CHARACTERS = 1_000;

/**
 * Applies a Monitor's report once, and returns the answer. `own`: hash of the Alerter's configuration. Changes memory only;
 * the caller commits before answering.
 */
export function takeIntake(head: AlerterHead, intake: Intake, own: string, now: number): IntakeAnswer {
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
    apply(head, { ...intake, resolved: intake.resolved.filter((resolve) => counts(head, intake, resolve, own)) }, now);
    count("applied");
  } else count("repeated");
  const settled = (resolve: Resolve): boolean => isOver(head, resolve) || isOfOther(head, intake, resolve);
  return { ok: true, acknowledged: intake.resolved.filter(settled) };
}

/** Whether another shard owns the alert: it says when that ends. */
function isOfOther(head: AlerterHead, { shard }: Intake, { fingerprint }: AlertRef): boolean {
  const alert = head.newestOf(fingerprint);
  return alert !== undefined && alert.resolvedAt === undefined && alert.shard !== shard;
}

/**
 * Whether a resolve is applied. An alert that its Monitor does not watch any more may have moved to another shard: only
 * an Alerter of the same configuration knows, so any other waits, and the Monitor repeats it.
 */
function counts(head: AlerterHead, intake: Intake, resolve: Resolve, own: string): boolean {
  if (isOfOther(head, intake, resolve)) return false;
  return resolve.why !== "removed" || head.generation?.config === own;
}

/** Resolves a firing alert. Does nothing if it has resolved, or if it started after `ref`. */
export function endAlert(
  head: AlerterHead,
  ref: AlertRef,
  why: Resolve["why"],
  resolvedAt: number,
  receivedAt = resolvedAt,
): void {
  const alert = head.newestOf(ref.fingerprint);
  if (alert === undefined || alert.resolvedAt !== undefined || alert.startsAt > ref.startsAt) return;
  head.putAlert({ ...alert, resolvedAt, ...(receivedAt > resolvedAt ? { endReceivedAt: receivedAt } : {}), why });
}

/** Accepts a firing alert. An alert that is already firing continues, even if its start time has changed. */
export function takeAlert(head: AlerterHead, alert: Alert, shard: number, now: number): void {
  const known = head.newestOf(alert.fingerprint);
  const annotations = clipped(alert.annotations);
  const evidence = isEvidence(alert.evidence) ? (alert.evidence as Evidence) : undefined;
  const { outage, newestRun } = alert;
  if (known !== undefined && known.resolvedAt === undefined) {
    // Its cause is what it was when it began.
    const cause = { outage: known.outage ?? outage, newestRun: newestRun ?? known.newestRun };
    const renewed = { ...known, annotations, ...present({ evidence: evidence ?? known.evidence, ...cause }) };
    if (known.shard !== shard) head.putAlert({ ...renewed, shard });
    else head.holdAlert(renewed);
    return;
  }
  if (!hasRoom(head, alert)) {
    head.count([{ family: "zako_watch_dropped_alerts_total", labels: {}, value: 1 }], now);
    return;
  }
  // The same firing again after its end: its Monitor has revoked the resolve.
  const again = known !== undefined && alert.startsAt <= known.startsAt;
  const { fingerprint, labels, startsAt, activeSince } = alert;
  const more = present({ evidence, activeSince, outage, newestRun });
  const begun: KnownAlert = { fingerprint, labels, annotations, startsAt, ...more, shard, receivedAt: now };
  head.putAlert(again ? { ...begun, startsAt: known.startsAt } : begun);
}

function apply(head: AlerterHead, { shard, firing, resolved }: Intake, now: number): void {
  const stillFiring = new Map(firing.map(({ fingerprint, startsAt }) => [fingerprint, startsAt]));
  for (const { fingerprint, startsAt, resolvedAt, why } of resolved)
    if (stillFiring.get(fingerprint) !== startsAt)
      endAlert(head, { fingerprint, startsAt }, why, Math.max(startsAt, Math.min(resolvedAt, now)), now);
  for (const alert of firing) takeAlert(head, alert, shard, now);
}

/** Only the fields that have a value. */
const present = <Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

function isOver(head: AlerterHead, { fingerprint, startsAt }: AlertRef): boolean {
  const alert = head.newestOf(fingerprint);
  return alert === undefined || alert.resolvedAt !== undefined || alert.startsAt > startsAt;
}

function hasRoom(head: AlerterHead, { labels }: Alert): boolean {
  if (JSON.stringify(labels).length > MAX_LABEL_CHARACTERS) return false;
  return head.alerts.all.size < (severityOf(labels) === "critical" ? 2 * MAX_ALERTS : MAX_ALERTS);
}

function clipped(annotations: Alert["annotations"]): Alert["annotations"] {
  const entries = Object.entries(annotations).slice(0, MAX_ANNOTATIONS);
  return Object.fromEntries(entries.map(([name, text]) => [name, text.slice(0, MAX_ANNOTATION_CHARACTERS)]));
}
