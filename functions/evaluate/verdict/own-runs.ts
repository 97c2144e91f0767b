import type { Reason } from "../../model/probing/failure.ts";
import type { Offer } from "../../model/probing/offer.ts";
import { foundNoServer, type Sample } from "../../model/probing/sample.ts";
import type { Verdict } from "../../model/probing/verdict.ts";
import type { Run } from "./new-votes.ts";

/** What a run of a probe is held against, to say whether its failure is the probe's own. */
export interface RunContext {
  /** Whether the target offers what the probe asks, by all that is known with this attempt. */
  offer: Offer;
  /** The root of the probe's dependency group; absent for the root itself, and where the group has none of its own. */
  root?: RootFacts;
}

/** A root's runs of the same attempt, and what was believed of it before. */
interface RootFacts {
  runs: readonly Sample[];
  previous: Pick<Verdict, "incidentOpen" | "ring">;
}

/** Skips that are the prober's own doing, or that leave open whether writing works: no sign of a recovery. */
const PROVES_NOTHING: ReadonlySet<Reason> = new Set([
  "internal",
  "over_budget",
  "secret_missing",
  "binding_missing",
  "rpc_already_exists",
]);

/**
 * The runs of one attempt as their own probe is judged by them. A failure that only says that the server is not there
 * belongs to the incident of the group's root: it counts as `blocked`, unless the root was well in the same attempt and
 * from the same vantage, for then the server is there. It is no failure of a probe that the target does not offer.
 */
export function ownRuns(samples: readonly Sample[], { offer, root }: RunContext): Run[] {
  return samples.map((sample): Run => {
    if (foundNoServer(sample) && (offer === "not offered" || (root !== undefined && isOfRoot(sample, root))))
      return { ...sample, outcome: "blocked" };
    const proves = sample.outcome !== "skipped" || !PROVES_NOTHING.has(sample.failure?.reason ?? "internal");
    return proves ? sample : { ...sample, recovers: false };
  });
}

function isOfRoot({ vantage, attempt }: Sample, { runs, previous }: RootFacts): boolean {
  const beside = runs.find((run) => run.vantage === vantage && run.attempt === attempt);
  if (beside !== undefined) return beside.outcome === "failed";
  return previous.incidentOpen || (previous.ring & 1) === 1;
}
