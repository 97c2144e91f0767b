import type { Silence, SilenceState } from "../../../model/alerting/silence.ts";

/** When a silence ends or ended, epoch ms. */
export const silenceEnd = ({ endsAt, expiredAt }: Silence): number => Math.min(endsAt, expiredAt ?? endsAt);

/** What a silence is at `now` (epoch ms). */
export function silenceState(silence: Silence, now: number): SilenceState {
  // Whatever the clock says: its matchers cannot be used.
  if (silence.expiredReason !== undefined || now >= silenceEnd(silence)) return "expired";
  return now >= silence.startsAt ? "active" : "pending";
}
