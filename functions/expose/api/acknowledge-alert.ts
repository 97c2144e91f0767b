import { spellTime } from "../../lib/spell-time.ts";
import type { AlertRef } from "../../model/alerting/alert.ts";
import type { ActiveAlert, AlertingPort } from "./alerting-port.ts";
import { type FieldIssue, quoted, readAuthor, readText } from "./field-issue.ts";

/** An acknowledgement as it was sent; nothing is checked yet. */
export interface AcknowledgementDraft {
  fingerprint: string;
  author: string;
  comment: string;
  /** Start of the firing that is meant, epoch ms; absent: the current one. */
  startsAt: number | undefined;
}

/** The alert with its first acknowledgement, or why it was not acknowledged. */
export type Acknowledged =
  | { ok: true; alert: ActiveAlert }
  | { ok: false; why: "invalid" | "unknown" | "ended"; issues: readonly FieldIssue[] };

const FINGERPRINT = /^[0-9a-f]{16}$/;

/** What is wrong with a draft in itself. */
export function acknowledgementIssues({ fingerprint, author, comment }: AcknowledgementDraft): readonly FieldIssue[] {
  const problem = `${quoted(fingerprint)} is not a fingerprint. Give the 16 hex digits shown beside the alert.`;
  return [
    ...(FINGERPRINT.test(fingerprint) ? [] : [{ field: "fingerprint", problem }]),
    ...[readAuthor(author), readText("comment", comment)].flatMap((read) => (read.ok ? [] : read.issues)),
  ];
}

/** Acknowledges a firing alert. `now`: epoch ms. */
export async function acknowledgeAlert(
  port: AlertingPort,
  draft: AcknowledgementDraft,
  now: number,
): Promise<Acknowledged> {
  const issues = acknowledgementIssues(draft);
  const author = readAuthor(draft.author);
  const comment = readText("comment", draft.comment);
  if (issues.length > 0 || !author.ok || !comment.ok) return { ok: false, why: "invalid", issues };
  const known = (await port.alerts("kept")).filter(({ fingerprint }) => fingerprint === draft.fingerprint);
  const meant = known.filter(({ startsAt }) => draft.startsAt === undefined || startsAt === draft.startsAt);
  const alert = meant.find(({ resolvedAt }) => resolvedAt === undefined);
  if (alert === undefined) {
    const last = meant.at(-1);
    return last === undefined ? unknown(draft) : ended(last, last.resolvedAt ?? now);
  }
  if (!(await port.acknowledge(alert, author.value, comment.value))) return ended(alert, now);
  return { ok: true, alert: (await findAlert(port, alert)) ?? alert };
}

/** One firing of an alert, while the Alerter keeps it. */
export const findAlert = async (port: AlertingPort, ref: AlertRef): Promise<ActiveAlert | undefined> =>
  (await port.alerts("kept")).find(
    ({ fingerprint, startsAt }) => fingerprint === ref.fingerprint && startsAt === ref.startsAt,
  );

function unknown({ fingerprint, startsAt }: AcknowledgementDraft): Acknowledged {
  const began = startsAt === undefined ? "" : ` of ${spellTime(startsAt)}`;
  const problem = `Alert ${fingerprint}${began} not found. Check the firing alerts; resolved ones are kept for 5 minutes.`;
  return { ok: false, why: "unknown", issues: [{ field: "fingerprint", problem }] };
}

function ended({ labels, fingerprint }: ActiveAlert, at: number): Acknowledged {
  const problem = `${labels["alertname"]} (${fingerprint}) resolved at ${spellTime(at)}. There is nothing to acknowledge.`;
  return { ok: false, why: "ended", issues: [{ field: "fingerprint", problem }] };
}
