import type { KnownAlert, OutboxRow } from "../../../model/alerting/alerter-state.ts";

/**
 * State of a queued message. `current`: it stays. `outdated`: part of it is no longer true; the next message of its group
 * replaces it as soon as one is due. `void`: none of it is true or wanted any more, so it must not be tried again; an
 * endpoint that may have received it gets the resolve like any other.
 */
export type QueuedState = "current" | "outdated" | "void";

/**
 * Judges a queued message. One that certainly has not arrived stays even where its alerts have resolved meanwhile: message
 * and resolve follow when the receiver is back, so that the outage is not missed. `isWanted`: whether the endpoint should
 * be notified of an alert, or certainly was; not where it is muted or routed elsewhere by now.
 */
export function judgeQueued(
  { firing, ended, acknowledged, uncertain, trying }: OutboxRow,
  alerts: ReadonlyMap<string, KnownAlert>,
  isWanted: (alertKey: string) => boolean,
): QueuedState {
  if (trying || firing.length === 0) return "current";
  const over = firing.filter((key) => alerts.get(key)?.resolvedAt !== undefined);
  if (over.length > 0 && uncertain === 0) return "current";
  if (over.length === firing.length) return "void";
  // An alert whose row is lost is reported again, or is soon known to be resolved.
  const isNews = ended.length + acknowledged.length === 0;
  if (isNews && !firing.some((key) => isWanted(key) || !alerts.has(key))) return "void";
  return over.length > 0 ? "outdated" : "current";
}
