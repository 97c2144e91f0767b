import { Semaphore } from "../../lib/semaphore.ts";
import type { Delivery } from "../../model/alerting/delivery.ts";

/** Calls to one receiver under way at once; a Worker has six connections, and there are other receivers. */
const AT_ONCE = 4;

/**
 * Delivers a message that takes several calls, to a receiver that knows each part by its key. Delivered means all of
 * them. Once another try is due anyway, or the receiver has said that it takes nothing, no further call is made. Where
 * some parts have arrived and others failed, the whole is uncertain; and final where the others were refused for good.
 */
export async function deliverParts(parts: readonly (() => Promise<Delivery>)[]): Promise<Delivery> {
  const admitted = new Semaphore(AT_ONCE);
  let delivered = 0;
  let worst: Exclude<Delivery, { kind: "delivered" }> | undefined;
  const run = async (part: () => Promise<Delivery>): Promise<void> => {
    if (worst !== undefined && ends(worst)) return;
    const delivery = await part();
    if (delivery.kind === "delivered") delivered++;
    else if (worst === undefined || rank(delivery) > rank(worst)) worst = delivery;
  };
  await Promise.all(parts.map((part) => admitted.run(() => run(part))));
  if (worst === undefined) return { kind: "delivered" };
  if (worst.kind === "uncertain" || delivered === 0) return worst;
  const { reason, retryable, notBefore } = worst;
  return {
    kind: "uncertain",
    reason,
    message: `${delivered} of ${parts.length} parts were accepted; then: ${worst.message}`,
    ...(retryable ? {} : { final: true }),
    ...(notBefore === undefined ? {} : { notBefore }),
  };
}

type Undelivered = Exclude<Delivery, { kind: "delivered" }>;

/** Only a part that was rejected for what it says leaves hope for the others. */
const ends = (delivery: Undelivered): boolean => delivery.reason !== "rejected";

/** What decides the whole: that something may have been taken, then that another try can help. */
const rank = (delivery: Undelivered): number => (delivery.kind === "uncertain" ? 2 : delivery.retryable ? 1 : 0);
