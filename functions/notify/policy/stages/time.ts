import { dueMessage } from "../due-message.ts";
import type { Draft, DueDraft } from "../group-case.ts";
import type { Stage } from "../stage.ts";

/** Says when each group's next message is due, and for which reason. */
export const time: Stage<Draft, DueDraft> = (drafts, { policy, now }) => ({
  passed: drafts.map((draft) => ({ ...draft, due: dueMessage(draft, policy, now) })),
  suppressed: [],
});
