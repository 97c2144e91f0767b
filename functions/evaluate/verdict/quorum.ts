import type { Vote } from "../../model/probing/verdict.ts";

/** A vote expires this many intervals of its probe after its slot: two may be missed. */
const EXPIRY_INTERVALS = 2.5;

/** Whether a vote still counts in `slot` (epoch ms), for a vantage that is asked every `intervalMs`. */
export const isFresh = (vote: Pick<Vote, "slot">, slot: number, intervalMs: number): boolean =>
  slot - vote.slot <= EXPIRY_INTERVALS * intervalMs;

/** How many of `voters` must fail: a majority, so both of two, and one that is alone decides. */
export const quorumOf = (voters: number): number => Math.floor(voters / 2) + 1;
