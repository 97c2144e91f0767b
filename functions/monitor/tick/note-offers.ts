import { newOffers } from "../../model/probing/offer.ts";
import type { Sample } from "../../model/probing/sample.ts";
import type { Head } from "../../store/head.ts";

/** Records in the targets' memories what the samples of one attempt prove about their offers; `now` in epoch ms. */
export function noteOffers({ memories }: Pick<Head, "memories">, samples: readonly Sample[], now: number): void {
  for (const [target, own] of Map.groupBy(samples, (sample) => sample.target)) {
    const offers = newOffers(memories.get(target), own);
    if (offers !== undefined) memories.note(target, { offers }, now);
  }
}
