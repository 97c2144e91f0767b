import { matchesAll } from "../../../model/alerting/matches.ts";
import { holdWhere, type Notice, type Stage } from "../stage.ts";
import { formatMute } from "../suppression.ts";
import { silenceEnd, silenceState } from "../windows/silence-state.ts";

/** Holds what an active silence matches; an escalation step only where its `unless` says so. */
export const silence: Stage<Notice> = (notices, { silences, now }) => {
  const active = silences.filter((one) => silenceState(one, now) === "active");
  const pending = silences.filter((one) => silenceState(one, now) === "pending");
  // A message that is being delivered is judged again when a silence begins.
  const nextAt = Math.min(...pending.map(({ startsAt }) => startsAt));
  if (active.length === 0) return { passed: notices, suppressed: [], nextAt };
  const silenced = holdWhere(notices, ({ alert, step }) => {
    if (step?.unless.includes("silenced") === false) return undefined;
    const found = active.find(({ matchers }) => matchesAll(matchers, alert.labels));
    return found && formatMute({ by: "silence", name: found.id, until: silenceEnd(found) });
  });
  return { ...silenced, nextAt };
};
