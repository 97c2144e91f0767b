import type { KnownAlert, OutboxRow } from "../../model/alerting/alerter-state.ts";

/**
 * What a message on its way is worth now. `current`: it stays. `outdated`: part of it is no longer true; the next message
 * of its group replaces it as soon as one is due. `void`: none of it is true or wanted any more, so it must not be tried
 * again; whoever may have received it is told of the end like everybody else.
 */
export type QueuedState = "current" | "outdated" | "void";

/**
 * Judges a message on its way by what is true now. One that surely has not arrived stays where its alerts have ended
 * meanwhile: it and the end of it follow when the receiver is back, so that the outage is not missed. `isWanted`: whether
 * the endpoint shall know of an alert, or certainly does; not where it is muted or routed elsewhere by now.
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
  // An alert whose row is lost comes again, or is known to be over soon.
  const isNews = ended.length + acknowledged.length === 0;
  if (isNews && !firing.some((key) => isWanted(key) || !alerts.has(key))) return "void";
  return over.length > 0 ? "outdated" : "current";
}
