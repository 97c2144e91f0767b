import type { KnownEndpoint, OutboxRow } from "../model/alert-book.ts";
import type { Delivery, DeliveryReason } from "../model/delivery.ts";

/** First wait after a failure; it doubles with each further one, up to `MAX_WAIT_MS`. */
export const FIRST_WAIT_MS = 5_000;
export const MAX_WAIT_MS = 300_000;
/** The most that a `Retry-After` is believed. */
export const MAX_RETRY_AFTER_MS = 3_600_000;
/** So many failures in a row open an endpoint's circuit: critical alerts go elsewhere too, one try at a time goes on. */
export const OPEN_AFTER = 3;
/**
 * So many tries without an answer count as told, where each may have told people once more. One is not enough: rather
 * twice than never.
 */
export const MAX_UNCERTAIN = 2;
/** A message that never got through is given up after this. */
export const GIVE_UP_MS = 86_400_000;

/** These say something of one message, not of its endpoint. */
const OF_MESSAGE: ReadonlySet<DeliveryReason> = new Set(["rejected", "render", "internal"]);

/** What became of a message after a try. */
export type Outcome =
  /** `uncertain`: nobody knows, and it is not tried again. */
  { kind: "arrived"; uncertain: boolean } | { kind: "again" } | { kind: "dead"; reason: DeliveryReason; why: string };

/** A message and its endpoint after a try. */
export interface AfterTry {
  row: OutboxRow;
  endpoint: KnownEndpoint;
  outcome: Outcome;
}

/** Whether the endpoint has failed so often that critical alerts must not wait for it. */
export const isOpen = ({ failures }: Pick<KnownEndpoint, "failures">): boolean => failures >= OPEN_AFTER;

/** The message as it is stored before a try: what is found so after a restart may have arrived. */
export const beginTry = (row: OutboxRow): OutboxRow => ({ ...row, tries: row.tries + 1, trying: true });

/** Counts a try that the object did not live to see the end of. */
export const lostTry = (row: OutboxRow): OutboxRow => ({ ...row, trying: false, uncertain: row.uncertain + 1 });

/** What a try means for its message and its endpoint. `jitter` is a random number in [0, 1); times in epoch ms. */
export function endTry(
  row: OutboxRow,
  endpoint: KnownEndpoint,
  delivery: Delivery,
  now: number,
  jitter: number,
): AfterTry {
  if (delivery.kind === "delivered") {
    const outcome = { kind: "arrived", uncertain: false } as const;
    return { row: { ...row, trying: false }, endpoint: { ...endpoint, failures: 0, retryAt: 0 }, outcome };
  }
  const uncertain = row.uncertain + (delivery.kind === "uncertain" ? 1 : 0);
  const after: OutboxRow = { ...row, trying: false, uncertain };
  const isOfMessage = delivery.kind === "failed" && !delivery.retryable && OF_MESSAGE.has(delivery.reason);
  const failures = endpoint.failures + 1;
  const failed = isOfMessage
    ? endpoint
    : { ...endpoint, failures, retryAt: now + waitMs(failures, delivery, now, jitter) };
  return { row: after, endpoint: failed, outcome: outcomeOf(after, delivery, now) };
}

function outcomeOf(row: OutboxRow, delivery: Exclude<Delivery, { kind: "delivered" }>, now: number): Outcome {
  const dead = { kind: "dead", reason: delivery.reason, why: delivery.message } as const;
  if (delivery.kind === "failed" && !delivery.retryable) return dead;
  const mayRepeat = delivery.kind === "uncertain" && delivery.repeatable === true;
  if (delivery.kind === "uncertain" && !mayRepeat && row.uncertain >= MAX_UNCERTAIN)
    return { kind: "arrived", uncertain: true };
  if (now - row.createdAt < GIVE_UP_MS) return { kind: "again" };
  return row.uncertain > 0 ? { kind: "arrived", uncertain: true } : dead;
}

function waitMs(failures: number, delivery: Delivery, now: number, jitter: number): number {
  const steady = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 20));
  const asked = delivery.kind === "delivered" ? 0 : (delivery.notBefore ?? 0) - now;
  return Math.max(steady * (0.75 + jitter / 2), Math.min(asked, MAX_RETRY_AFTER_MS));
}
