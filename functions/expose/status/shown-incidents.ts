import type { Incident, IncidentCause } from "../../model/alerting/incident.ts";
import { formatReason, type Reason } from "../../model/probing/failure.ts";
import { PROBE_KINDS } from "../../probe/kinds/registry.ts";
import type { IncidentMoment, ShownIncident } from "./status-view.ts";

/**
 * Incidents of history and of the Alerter as one list, the newest first, each once; the Alerter knows better. `recent` is
 * undefined where it did not answer.
 */
export function mergeIncidents(past: readonly Incident[], recent: readonly Incident[] | undefined): Incident[] {
  const keyOf = ({ target, state, openedAt }: Incident): string => `${state} ${openedAt} ${target}`;
  // One that is open in history alone has ended, and nobody knows when.
  const ended = past.filter(({ closedAt }) => closedAt !== undefined || recent === undefined);
  const all = new Map([...ended, ...(recent ?? [])].map((one) => [keyOf(one), one]));
  return [...all.values()].sort((a, b) => b.openedAt - a.openedAt);
}

/** What anybody may see of an incident: our own words only, and nobody's name. */
export function showIncident({ target, openedAt, closedAt, why, causes, acknowledgedBy }: Incident): ShownIncident {
  const reasons = causes.flatMap((cause) => {
    const text = formatIncidentCause(cause);
    return text === undefined ? [] : [{ at: cause.at, text }];
  });
  const removed = why === "removed";
  const [first] = reasons;
  return {
    id: `${target}@${openedAt}`,
    target,
    openedAt,
    ...(closedAt === undefined ? {} : { closedAt }),
    removed,
    reason: first?.text ?? "the reason is not recorded",
    timeline: timelineOf(openedAt, reasons, closedAt, removed, acknowledgedBy !== undefined),
  };
}

function timelineOf(
  openedAt: number,
  reasons: readonly { at: number; text: string }[],
  closedAt: number | undefined,
  removed: boolean,
  isAcknowledged: boolean,
): IncidentMoment[] {
  const [first, ...others] = reasons;
  const seen = new Set([first?.text]);
  const later = others.flatMap((one) => {
    if (seen.has(one.text)) return [];
    seen.add(one.text);
    return [{ at: Math.max(one.at, openedAt), text: one.text }];
  });
  later.sort((a, b) => a.at - b.at);
  const end = removed ? "removed from the configuration" : "recovered";
  return [
    { at: openedAt, text: first === undefined ? "down" : `down: ${first.text}` },
    ...later,
    ...(closedAt === undefined
      ? [{ at: undefined, text: isAcknowledged ? "open; somebody works on it" : "open" }]
      : [{ at: closedAt, text: end }]),
  ];
}

const KINDS: ReadonlySet<string> = new Set(PROBE_KINDS.map(({ kind }) => kind));

/** The probe and the meaning of the reason; undefined for a cause that says neither. Its summary may be the user's text. */
function formatIncidentCause({ probe, reason }: IncidentCause): string | undefined {
  const meaning =
    reason !== undefined && Object.hasOwn(formatReason, reason) ? formatReason[reason as Reason] : undefined;
  if (probe === undefined || !KINDS.has(probe)) return meaning;
  return meaning === undefined ? `${probe} fails` : `${probe}: ${meaning}`;
}
