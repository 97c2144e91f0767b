/** A blob of ours that we wrote, or tried to write, into a target's store. Its bytes can be derived again. */
export interface Canary {
  /** The kind of probe that owns it: `transport.upload` or `transport.journey`. */
  probe: string;
  /** Which of its probe's intervals since the epoch it belongs to. */
  period: number;
  /** The recheck that wrote it, by `recheckId`; absent for the period's own. */
  recheck?: number;
  sizeBytes: number;
  /** BLAKE3 of its bytes in hex; known once a run has derived them. */
  digest?: string;
  /** When the first write was sent, epoch ms. Recorded before it is sent, so a crash cannot hide it. */
  attemptedAt: number;
  /** Writes sent so far. */
  attempts: number;
  /** When the store acknowledged a write of it, epoch ms; one that was only read back has `readAt` alone. */
  committedAt?: number;
  /** When it was last read back whole and right, epoch ms. */
  readAt?: number;
  /** When the store was first seen without it after it had been committed, epoch ms. */
  lostAt?: number;
}

/** What tells canaries of one target apart. */
export type CanaryName = Pick<Canary, "probe" | "period" | "recheck">;

/** What the Monitor remembers of a target between runs and hands over with each order. */
export interface TargetMemory {
  /** Token of the last `cas.details` run. A secret: kept in storage and orders, never shown. */
  token?: string;
  /** Origins of CAS and Transport that the token is for; a target that moves loses it. */
  origins?: string;
  /** Bidi calls have worked for this target, so their refusal is a failure and no longer a missing feature. */
  bidiWorked?: true;
  /** Whether the target offers what a kind of probe asks, by kind: what its newest answer proves. See `offerOf`. */
  offers?: Readonly<Record<string, boolean>>;
  /** When the target's processes last pushed anything, epoch ms. */
  pushedAt?: number;
  /** Oldest first; at most a few dozen, thinned with age. */
  canaries: readonly Canary[];
  /** What was spent on the UTC day `day` (days since the epoch). */
  spent: { day: number; writtenBytes: number; tokens: number };
}

/** The memory of a target never probed. */
export const EMPTY_MEMORY: TargetMemory = { canaries: [], spent: { day: 0, writtenBytes: 0, tokens: 0 } };

/** What one run adds to its target's memory; runs of one slot are folded one after the other. */
export interface MemoryPatch {
  token?: string;
  bidiWorked?: true;
  /** Replaces what was known of the kinds that it names. */
  offers?: Readonly<Record<string, boolean>>;
  pushedAt?: number;
  /** Facts about canaries, matched by probe, period and recheck. */
  canaries?: readonly (Pick<Canary, "probe" | "period"> & Partial<Canary>)[];
  /** Writes that were noted before their run, and that the run has not sent: each takes one attempt back, and its bytes. */
  unsent?: readonly CanaryName[];
  writtenBytes?: number;
  tokens?: number;
}
