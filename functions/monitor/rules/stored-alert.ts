import type { AlertState } from "../../evaluate/rules/alert-state.ts";
import { type AlertLabels, SEVERITIES, type Severity } from "../../model/alerting/alert.ts";
import type { Evidence } from "../../model/alerting/evidence.ts";
import { isEvidence } from "../../store/evidence-shape.ts";
import { either, maybe, number, object, oneOf, record, type Shape, text, time } from "../../store/shape.ts";

/** Stored state of a pending or firing group. */
export interface StoredAlert extends AlertState {
  rule: string;
  target: string;
  /** The rule's `by` labels except `target`. */
  group: AlertLabels;
  severity: Severity;
  /** The condition's value when it last held; null if JSON cannot represent it. */
  value: number | null;
  /** Present while firing: the reported identity. */
  fingerprint?: string;
  /** It was taken over from another owner, and has not been confirmed or refuted here yet. */
  adopted?: true;
  /** What it rests on, since it began to hold. */
  evidence?: Evidence;
  /** Present while Prometheus pages for it: we have told nobody. */
  unnotified?: true;
}

const isAlert: Shape<StoredAlert> = object({
  rule: text,
  target: text,
  group: record(text),
  severity: oneOf(...SEVERITIES),
  value: either(number, oneOf(null)),
  activeSince: time,
  firingSince: maybe(time),
  falseSince: maybe(time),
  fingerprint: maybe(text),
  adopted: maybe(oneOf(true)),
  evidence: maybe(isEvidence),
  unnotified: maybe(oneOf(true)),
});

/** Whether a stored state can be used, and stands under its own name. */
export function isValidAlert(key: string, value: unknown): value is StoredAlert {
  if (!isAlert(value)) return false;
  const { rule, target, firingSince, fingerprint: sentAs } = value;
  return key.startsWith(`${rule}\n${target}\n`) && (firingSince === undefined) === (sentAs === undefined);
}

/** Storage name of a group's state; `group` as in `groupText`. */
export const alertKeyOf = (rule: string, target: string, group: string): string => `${rule}\n${target}\n${group}`;

/** Whether only the number differs, which is not worth a write. */
export const isSameState = (a: StoredAlert, b: Omit<StoredAlert, "fingerprint">): boolean =>
  a.activeSince === b.activeSince &&
  a.firingSince === b.firingSince &&
  a.falseSince === b.falseSince &&
  a.adopted === b.adopted &&
  a.severity === b.severity;
