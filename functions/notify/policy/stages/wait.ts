import { severityOf } from "../../../model/alerting/alert.ts";
import type { OutboxRow } from "../../../model/alerting/alerter-state.ts";
import { GATHER_MS } from "../causes/shared-cause.ts";
import type { DueDraft } from "../group-case.ts";
import { EMPTY_LEDGER, type Ledger } from "../ledger.ts";
import type { Stage, Suppressed } from "../stage.ts";

/** Holds groups whose message is not due yet, or whose last one has not arrived. */
export const wait: Stage<DueDraft> = (drafts, { now, ledgers }) => {
  const passed: DueDraft[] = [];
  const blocking: OutboxRow[] = [];
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
    else if (fresh.some(({ alert }) => severityOf(alert.labels) === "critical"))
      blocking.push(...blockersOf(draft, ledgers.get(to.endpointKey)));
    const why = isBusy
      ? { why: "an earlier message of its group is still being delivered" }
      : { why: waits(draft), until: due.at };
    for (const { key } of fresh) suppressed.push({ alertKey: key, receiver: to.receiver, ...why });
  }
  return { passed, suppressed, nextAt, blocking };
};

/** The messages of its group that are on their way, unless that is known of them. */
const blockersOf = ({ group }: DueDraft, ledger: Ledger = EMPTY_LEDGER): OutboxRow[] =>
  ledger.queued.filter(({ message, blocks }) => message.groupKey === group.key && blocks !== true);

const waits = ({ fresh, due }: DueDraft): string =>
  fresh.some(({ alert }) => alert.outage?.down === true && due?.at === alert.receivedAt + GATHER_MS)
    ? "it waits for other targets with the same cause"
    : "its group waits";
