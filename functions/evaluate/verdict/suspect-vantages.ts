import type { Vantage } from "../../model/probing/vantage.ts";
import type { Vote } from "../../model/probing/verdict.ts";
import { isFresh } from "./quorum.ts";

/** A probe's newest votes, one per vantage. */
export interface Votes {
  target: string;
  intervalMs: number;
  votes: readonly Vote[];
}

/** Why a vantage is suspect. */
export interface Suspicion {
  /** Targets that it sees failing and a majority of the others sees up, in the same slot or later. */
  contradicted: number;
  /** Targets that it sees up. */
  up: number;
}

/** One target that only one vantage cannot reach says nothing about that vantage. */
const MIN_CONTRADICTED = 2;
/** Share of its targets, less those that others see failing too, on which a suspect stands alone. */
const MIN_SHARE = 0.9;

/**
 * The vantages whose failures are their own: they see nearly all their targets failing that the others see up at the
 * same time. A target that fails everywhere speaks against no vantage, so a total outage makes none suspect; neither
 * does a part of the fleet that one vantage cannot reach, which is `regional`.
 * `slot`: the present one, epoch ms; older votes than 2.5 intervals do not count.
 */
export function suspectVantages(slot: number, probes: readonly Votes[]): ReadonlyMap<Vantage, Suspicion> {
  const seen = new Map<Vantage, Map<string, View>>();
  for (const { target, intervalMs, votes } of probes) {
    const fresh = votes.filter((vote) => isFresh(vote, slot, intervalMs));
    for (const vote of fresh) {
      const views = seen.get(vote.vantage) ?? new Map<string, View>();
      seen.set(vote.vantage, views);
      const view = views.get(target);
      // A broken vantage's older good votes of slower probes say nothing about it now.
      if (view === undefined || vote.slot > view.slot) views.set(target, { slot: vote.slot, is: viewOf(vote, fresh) });
      else if (vote.slot === view.slot) view.is = kinder(view.is, viewOf(vote, fresh));
    }
  }
  const suspects = new Map<Vantage, Suspicion>();
  for (const [vantage, views] of seen) {
    const count = (is: View["is"]): number => [...views.values()].filter((view) => view.is === is).length;
    const contradicted = count("contradicted");
    const up = count("up");
    if (contradicted >= MIN_CONTRADICTED && contradicted >= MIN_SHARE * (contradicted + up)) {
      suspects.set(vantage, { contradicted, up });
    }
  }
  return suspects;
}

interface View {
  slot: number;
  is: "up" | "shared" | "contradicted";
}

/** A vantage with one good probe of a target in a slot reaches that target, whatever its other probes say. */
const kinder = (a: View["is"], b: View["is"]): View["is"] => (RANK[a] >= RANK[b] ? a : b);
const RANK = { shared: 0, contradicted: 1, up: 2 } as const;

function viewOf(vote: Vote, all: readonly Vote[]): View["is"] {
  if (vote.outcome !== "failed") return "up";
  const others = all.filter((other) => other.vantage !== vote.vantage && other.slot >= vote.slot);
  const good = others.filter((other) => other.outcome !== "failed").length;
  return good * 2 > others.length ? "contradicted" : "shared";
}
