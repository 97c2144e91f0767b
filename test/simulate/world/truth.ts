/** A time in which a target does not work, as the script made it. True epoch ms. */
export interface Outage {
  target: string;
  startAt: number;
  endAt: number;
  /** Kinds of critical probes that see it. */
  seenBy: readonly string[];
  cause: string;
}

/** A time in which nobody is to be told of a target; `maintenance`: it is outside uptime too. */
export interface Muted {
  /** Undefined: all. */
  target: string | undefined;
  startAt: number;
  endAt: number;
  maintenance: boolean;
}

/** A time in which alerts about the prober itself, or warnings about a target, are right. */
export interface Trouble {
  kind: "prober" | "noise";
  /** Undefined: all targets. */
  target?: string;
  startAt: number;
  endAt: number;
}

/** When a receiver's endpoint took nothing, or answered late. */
export interface Deaf {
  endpoint: string;
  startAt: number;
  endAt: number;
}

/** What really happened. The ledger knows nothing else of the world. */
export class Truth {
  readonly outages: Outage[] = [];
  readonly muted: Muted[] = [];
  readonly troubles: Trouble[] = [];
  readonly deaf: Deaf[] = [];
  /** Targets that are only there to make work. */
  readonly ignored = new Set<string>();
  /** When whoever sends died: what was on its way then may be sent again. */
  readonly deaths: number[] = [];
  /** Somebody acknowledges pages, so that not all of them escalate. */
  acknowledges = false;
}
