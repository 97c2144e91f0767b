import { GATHER_MS } from "../causes/shared-cause.ts";
import type { DueDraft } from "../group-case.ts";
import type { Stage, Suppressed } from "../stage.ts";

/** Holds groups whose message is not due yet, or whose last one has not arrived. */
export const wait: Stage<DueDraft> = (drafts, { now }) => {
  const passed: DueDraft[] = [];
  const suppressed: Suppressed[] = [];
  let nextAt = Number.POSITIVE_INFINITY;
  for (const draft of drafts) {
    const { due, isBusy, to, fresh } = draft;
    if (due === undefined) continue;
    if (!isBusy && due.at <= now) {
      passed.push(draft);
      continue;
    }
    if (!isBusy) nextAt = Math.min(nextAt, due.at);
    const why = isBusy
      ? { why: "an earlier message of its group is still being delivered" }
      : { why: waits(draft), until: due.at };
    for (const { key } of fresh) suppressed.push({ alertKey: key, receiver: to.receiver, ...why });
  }
  return { passed, suppressed, nextAt };
};

const waits = ({ fresh, due }: DueDraft): string =>
  fresh.some(({ alert }) => alert.outage?.down === true && due?.at === alert.receivedAt + GATHER_MS)
    ? "it waits for other targets with the same cause"
    : "its group waits";
