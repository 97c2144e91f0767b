import type { Matcher } from "./matcher.ts";

/** Mutes matching alerts from `startsAt` until `endsAt` (epoch ms). Its state is derived, never stored. */
export interface Silence {
  id: string;
  /** At least one; not all of them may match the empty string. */
  matchers: readonly Matcher[];
  startsAt: number;
  endsAt: number;
  author: string;
  reason: string;
  /** Planned work: the time does not count for uptime. */
  maintenance: boolean;
  /** When it was expired by hand or by the Alerter, epoch ms; `endsAt` is then not later. */
  expiredAt?: number;
  /** Why the Alerter expired it: a whole sentence, for example about an invalid stored pattern. Its matchers are not used. */
  expiredReason?: string;
}

export type SilenceState = "pending" | "active" | "expired";
