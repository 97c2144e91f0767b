/** A blob that we wrote, or tried to write, into a target's store. Its content can be derived again. */
export interface Canary {
  /** The kind of probe that owns it: `transport.upload` or `transport.journey`. */
  probe: string;
  /** Number of the probe's interval since the epoch. */
  period: number;
  /** The recheck that wrote it, by `recheckId`; absent for the period's own. */
  recheck?: number;
  sizeBytes: number;
  /** BLAKE3 digest in hex; known once a run has derived the content. */
  digest?: string;
  /** When the first write was sent, epoch ms. Stored before sending, so that a crash cannot hide it. */
  attemptedAt: number;
  /** Writes sent so far. */
  attempts: number;
  /** When the store acknowledged a write, epoch ms. A canary that was only read back has just `readAt`. */
  committedAt?: number;
  /** When it was last read back completely and correctly, epoch ms. */
  readAt?: number;
  /** When the store was first found without it after the commit, epoch ms. */
  lostAt?: number;
}

/** What tells the canaries of one target apart. */
export type CanaryName = Pick<Canary, "probe" | "period" | "recheck">;

/** What a second look at an origin found, after calls to it got no answer. */
export interface Look {
  /** Epoch ms. */
  at: number;
  /** It takes only HTTP/2, as native gRPC does. */
  isHttp2Only: boolean;
}

/** What the Monitor remembers of a target between runs, and sends with each task. */
export interface TargetMemory {
  /** Token of the last `cas.details` run. A secret: kept in storage and tasks, never shown. */
  token?: string;
  /** Origins of CAS and Transport that the token is for. A target that moves loses it. */
  origins?: string;
  /** Bidi calls have worked for this target, so refusing them is a failure and not a missing feature. */
  bidiWorked?: true;
  /** Whether the target offers what a kind of probe needs, by kind, according to its newest answer. See `offerOf`. */
  offers?: Readonly<Record<string, boolean>>;
  /** The newest look at each origin, by origin; only of the newest few. */
  looks?: Readonly<Record<string, Look>>;
  /** When the target's processes last pushed anything, epoch ms. */
  pushedAt?: number;
  /** Oldest first; at most a few dozen, thinned out with age. */
  canaries: readonly Canary[];
  /** Spending on the UTC day `day` (days since the epoch). */
  spent: { day: number; writtenBytes: number; tokens: number };
}

/** The memory of a target that has never been probed. */
export const EMPTY_MEMORY: TargetMemory = { canaries: [], spent: { day: 0, writtenBytes: 0, tokens: 0 } };

/** What one run adds to its target's memory. Runs of one slot are applied one after the other. */
export interface MemoryPatch {
  token?: string;
  bidiWorked?: true;
  /** Replaces what was known about the kinds that it names. */
  offers?: Readonly<Record<string, boolean>>;
  looks?: Readonly<Record<string, Look>>;
  pushedAt?: number;
  /** Facts about canaries, matched by probe, period and recheck. */
  canaries?: readonly (Pick<Canary, "probe" | "period"> & Partial<Canary>)[];
  /** Writes that were noted before their run, and that the run has not sent: each takes one attempt back, and its bytes. */
  unsent?: readonly CanaryName[];
  writtenBytes?: number;
  tokens?: number;
}
