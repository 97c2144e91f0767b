import { DAY_MS, HOUR_MS } from "../../lib/time-units.ts";
import type { EndpointState, OutboxRow } from "../../model/alerting/alerter-state.ts";
import type { Delivery, DeliveryReason } from "../../model/alerting/delivery.ts";

/** First wait after a failure; it doubles with each further one, up to `MAX_WAIT_MS`. */
const FIRST_WAIT_MS = 5_000;
const MAX_WAIT_MS = 300_000;
/**
 * The longest wait of an urgent message, whatever the receiver asks for. Design, section 9: such a receiver is tried
 * again within a minute. Of that minute a try may take 11 s, and a late alarm some.
 */
export const URGENT_WAIT_MS = 45_000;
/** Ends alone are urgent for so long; after that nobody waits for them at night, and the usual backoff holds. */
export const URGENT_END_MS = 900_000;
/** The most that a `Retry-After` is believed. */
export const MAX_RETRY_AFTER_MS = HOUR_MS;
/** So many failures in a row open an endpoint's circuit: critical alerts go elsewhere too, one try at a time goes on. */
export const OPEN_AFTER = 3;
/** A message that never got through, as far as anybody knows, is given up after this. */
const GIVE_UP_MS = DAY_MS;

/** These say something of one message, not of its endpoint. */
const OF_MESSAGE: ReadonlySet<DeliveryReason> = new Set(["rejected", "render", "internal"]);

/** What became of a message after a try; `again` also where nobody can know whether it arrived. */
export type Outcome = { kind: "arrived" } | { kind: "again" } | { kind: "dead"; reason: DeliveryReason; why: string };

/** A message and its endpoint after a try. */
export interface AfterTry {
  row: OutboxRow;
  endpoint: EndpointState;
  outcome: Outcome;
}

/** Whether the endpoint has failed so often that critical alerts must not wait for it. */
export const isOpen = ({ failures }: Pick<EndpointState, "failures">): boolean => failures >= OPEN_AFTER;

/** The message as it is stored before a try at `now` (epoch ms): what is found so after a restart may have arrived. */
export const beginTry = (row: OutboxRow, now: number): OutboxRow => ({
  ...row,
  tries: row.tries + 1,
  triedAt: now,
  trying: true,
});

/** Counts a try that the object did not live to see the end of. */
export const lostTry = (row: OutboxRow): OutboxRow => ({ ...row, trying: false, uncertain: row.uncertain + 1 });

/**
 * When the message may be tried, epoch ms. A long wait that another message brought, or that the receiver asked for,
 * does not hold back an urgent one, nor what an urgent one waits for; one that is critical and new waits for no other's
 * failure either.
 */
export function readyAt(row: OutboxRow, { retryAt, failedAt }: Pick<EndpointState, "retryAt" | "failedAt">): number {
  if (failedAt === undefined) return retryAt;
  const isLateEnd = row.firing.length === 0 && failedAt - row.createdAt >= URGENT_END_MS;
  if (row.blocks !== true && (!row.urgent || isLateEnd)) return retryAt;
  const waitMs = row.critical && row.tries === 0 ? FIRST_WAIT_MS : URGENT_WAIT_MS;
  return Math.min(retryAt, failedAt + waitMs);
}

/** What a try means for its message and its endpoint. `jitter` is a random number in [0, 1); times in epoch ms. */
export function endTry(
  row: OutboxRow,
  endpoint: EndpointState,
  delivery: Delivery,
  now: number,
  jitter: number,
): AfterTry {
  if (delivery.kind === "delivered") {
    const { failedAt: _, ...healthy } = endpoint;
    const outcome = { kind: "arrived" } as const;
    return { row: { ...row, trying: false }, endpoint: { ...healthy, failures: 0, retryAt: 0 }, outcome };
  }
  const uncertain = row.uncertain + (delivery.kind === "uncertain" ? 1 : 0);
  const after: OutboxRow = { ...row, trying: false, uncertain };
  const isOfMessage = !canRetry(delivery) && OF_MESSAGE.has(delivery.reason);
  const failures = endpoint.failures + 1;
  const failed = isOfMessage
    ? endpoint
    : { ...endpoint, failures, failedAt: now, retryAt: now + waitMs(failures, delivery, now, jitter) };
  return { row: after, endpoint: failed, outcome: outcomeOf(after, delivery, now) };
}

type Undelivered = Exclude<Delivery, { kind: "delivered" }>;

const canRetry = (delivery: Undelivered): boolean =>
  delivery.kind === "failed" ? delivery.retryable : delivery.final !== true;

function outcomeOf(row: OutboxRow, delivery: Undelivered, now: number): Outcome {
  if (canRetry(delivery) && now - row.createdAt < GIVE_UP_MS) return { kind: "again" };
  return { kind: "dead", reason: delivery.reason, why: delivery.message };
}

function waitMs(failures: number, delivery: Undelivered, now: number, jitter: number): number {
  const steady = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 20));
  const asked = (delivery.notBefore ?? 0) - now;
  return Math.max(steady * (0.75 + jitter / 2), Math.min(asked, MAX_RETRY_AFTER_MS));
}
