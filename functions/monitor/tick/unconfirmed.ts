import type { NamedRun, PendingSlot } from "../../store/monitor-meta.ts";

/** Runs to make next: confirmations that are left for `later`, or what this attempt asks for. */
export const pendingAfter = (
  { slot, attempt, later }: { slot: number; attempt: number; later: readonly NamedRun[] },
  asked: readonly NamedRun[],
): PendingSlot => (later.length > 0 ? { slot, attempt, runs: later } : { slot, attempt: attempt + 1, runs: asked });

/**
 * Targets whose rules wait, because runs of them are about to confirm or overturn what the slot found: one slot makes one
 * message. They wait once only: if the confirmations of the slot before found no time, what is known decides.
 */
export function unconfirmed(pending: PendingSlot, before: PendingSlot | undefined): ReadonlySet<string> {
  const targets = new Set(isConfirmation(pending) ? pending.runs.map(({ target }) => target) : []);
  if (before !== undefined && before.slot !== pending.slot && isConfirmation(before))
    for (const { target } of before.runs) targets.delete(target);
  return targets;
}

const isConfirmation = ({ attempt = 1 }: PendingSlot): boolean => attempt === 1;
