import type { Matcher } from "./matcher.ts";

/** Mutes what matches, from `startsAt` until `endsAt` (epoch ms). Its state is derived, never stored. */
export interface Silence {
  id: string;
  /** At least one, and not all of them match the empty string. */
  matchers: readonly Matcher[];
  startsAt: number;
  endsAt: number;
  author: string;
  reason: string;
  /** Planned work: the time is outside of uptime too. */
  maintenance: boolean;
  /** When it was ended by hand or by the Alerter, epoch ms; then `endsAt` is no later. */
  expiredAt?: number;
  /** Why the Alerter ended it: a whole sentence, such as what is wrong with a stored pattern. Its matchers are not used. */
  expiredReason?: string;
}

export type SilenceState = "pending" | "active" | "expired";
