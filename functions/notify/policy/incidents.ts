import { begunAt } from "../../model/alerting/alert.ts";
import { type Acknowledgement, alertKey, type KnownAlert } from "../../model/alerting/alerter-state.ts";
import { type Incident, type IncidentCause, MAX_CAUSES } from "../../model/alerting/incident.ts";
import { DRILL_LABEL } from "./group.ts";

/** The alerts that make a target's incidents. */
const INCIDENT_ALERTS: ReadonlyMap<string, Incident["state"]> = new Map([
  ["ZakoTargetDown", "down"],
  ["ZakoTargetUnknown", "unknown"],
]);

/**
 * Works out what has changed about incidents: one for every firing of `ZakoTargetDown` and `ZakoTargetUnknown`, from
 * when its condition began to hold until it resolved, with the other alerts of the target meanwhile. Answers new and
 * changed incidents only.
 */
export function updateIncidents(
  incidents: ReadonlyMap<string, Incident>,
  alerts: Iterable<KnownAlert>,
  acknowledgements: ReadonlyMap<string, Acknowledgement>,
): Incident[] {
  const byTarget = new Map<string, KnownAlert[]>();
  const verdicts: KnownAlert[] = [];
  for (const alert of alerts) {
    const { target, alertname } = alert.labels;
    if (target === undefined || alert.labels[DRILL_LABEL] !== undefined) continue;
    if (INCIDENT_ALERTS.has(alertname ?? "")) verdicts.push(alert);
    if (alertname !== "ZakoTargetDown" && byTarget.get(target)?.push(alert) === undefined)
      byTarget.set(target, [alert]);
  }
  return verdicts.flatMap((verdict) => {
    const target = verdict.labels["target"] as string;
    const state = INCIDENT_ALERTS.get(verdict.labels["alertname"] ?? "") ?? "down";
    const id = idOf(target, state, verdict.startsAt);
    const before = incidents.get(id);
    const after = incidentOf({ id, target, state }, verdict, byTarget.get(target) ?? [], before, acknowledgements);
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [after];
  });
}

const idOf = (target: string, state: Incident["state"], startsAt: number): string =>
  `${target}${state === "down" ? "@" : "?"}${startsAt}`;

/** The id of the incident that an alert makes; undefined where it makes none. */
export function incidentIdOf({ labels, startsAt }: KnownAlert): string | undefined {
  const state = INCIDENT_ALERTS.get(labels["alertname"] ?? "");
  return state === undefined ? undefined : idOf(labels["target"] ?? "", state, startsAt);
}

function incidentOf(
  named: Pick<Incident, "id" | "target" | "state">,
  verdict: KnownAlert,
  others: readonly KnownAlert[],
  before: Incident | undefined,
  acknowledgements: ReadonlyMap<string, Acknowledgement>,
): Incident {
  const { resolvedAt: closedAt, why } = verdict;
  const openedAt = begunAt(verdict);
  const meanwhile = others.filter(
    ({ startsAt, resolvedAt }) => startsAt <= (closedAt ?? startsAt) && (resolvedAt ?? openedAt) >= openedAt,
  );
  // Texts may change while an alert fires; a cause is what it was when it came.
  const known = new Map((before?.causes ?? []).map((cause) => [causeKey(cause), cause]));
  for (const alert of [verdict, ...meanwhile]) {
    const cause = causeOf(alert);
    if (!known.has(causeKey(cause))) known.set(causeKey(cause), cause);
  }
  // What opened the incident comes first, whatever fired before it and still does.
  const opener = causeKey(causeOf(verdict));
  const rank = (cause: IncidentCause): number => (causeKey(cause) === opener ? 0 : 1);
  const causes = [...known.values()].sort((a, b) => rank(a) - rank(b) || a.at - b.at).slice(0, MAX_CAUSES);
  const acknowledgedBy = acknowledgements.get(alertKey(verdict))?.by ?? before?.acknowledgedBy;
  return {
    ...named,
    openedAt,
    ...(closedAt === undefined ? {} : { closedAt }),
    ...(closedAt === undefined || why === undefined ? {} : { why }),
    causes,
    ...(acknowledgedBy === undefined ? {} : { acknowledgedBy }),
  };
}

function causeOf({ labels, annotations, evidence, startsAt }: KnownAlert): IncidentCause {
  const { alertname = "", severity = "", probe = evidence?.cause } = labels;
  const { description, summary = alertname, reason } = annotations;
  return {
    alertname,
    severity,
    ...(probe === undefined ? {} : { probe }),
    summary: description ?? summary,
    ...(reason === undefined ? {} : { reason }),
    at: startsAt,
  };
}

/** The probe of a verdict is evidence, which may come later; that of any other alert is part of what it is. */
const causeKey = ({ alertname, probe, at }: IncidentCause): string =>
  `${alertname} ${INCIDENT_ALERTS.has(alertname) ? "" : (probe ?? "")} ${at}`;
