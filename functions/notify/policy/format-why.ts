import { spellTime } from "../../lib/spell-time.ts";

/** Why the receiver of an escalation step is not notified yet; `until` is when the step is due. */
export const ESCALATES = "escalates if still firing";

/** Why a receiver is not notified, with the time when that changes: `silenced by 3f2a, until ...`. `until`: epoch ms. */
export function formatWhy(why: string, until: number | undefined): string {
  if (until === undefined) return why;
  return why === ESCALATES ? `escalates at ${spellTime(until)} if still firing` : `${why}, until ${spellTime(until)}`;
}
