import { type AlertLabels, SEVERITIES, type Severity } from "../../model/alerting/alert.ts";
import type { NotifyConfig } from "../../model/alerting/notify-config.ts";
import type { EscalationStep, Inhibition, SeverityPolicy } from "../../model/alerting/route.ts";
import { secretNameProblem } from "../../model/secret-name.ts";
import { DEFAULT_NOTIFY } from "../../notify/policy/default-notify.ts";
import { type Issue, show } from "../issue.ts";
import { checkLabels, checkMatchers } from "./check-matchers.ts";
import { compileReceivers } from "./compile-receivers.ts";
import { compileRoutes, type Names, readMatchers, unknownName } from "./compile-route.ts";
import type { LabelValues } from "./label-values.ts";
import type { ReadNotify, ReadRoute, ReadSeverity } from "./notify-section.ts";
import { checkNullReceivers } from "./null-receivers.ts";
import { checkRestricted, compileInterval } from "./time-interval-section.ts";

const PATH = ["notify"] as const;

/** What the section depends on beside itself. */
export interface NotifyContext {
  /** A local run. */
  local: boolean;
  /** Labels of the alerts there can be; asked for only where they matter. */
  alerts: () => readonly AlertLabels[];
  /** All labels of alerts with their values. */
  labels: LabelValues;
  /** Takes what targets and rules make of the section: nothing can match, critical alerts end at nobody. */
  doubts: Issue[];
}

/** What the `notify` section came to; issues and warnings are added to the lists. */
export function compileNotify(
  found: ReadNotify,
  raw: unknown,
  { local, alerts, labels, doubts }: NotifyContext,
  issues: Issue[],
  warnings: Issue[],
): NotifyConfig {
  const receivers = compileReceivers(found.receivers, raw, { local, labels, doubts }, issues);
  const intervals = Object.entries(found.intervals ?? {}).map(([name, spans]) => {
    const path = [...PATH, "intervals", name];
    const interval = compileInterval(name, spans ?? [], path, issues);
    // A span that could not be read is left out, and has its own issue.
    if (spans?.every((span) => span !== undefined)) checkRestricted(interval, path, issues);
    return interval;
  });
  const names: Names = {
    receivers: Object.keys(found.receivers ?? {}),
    intervals: intervals.map(({ name }) => name),
    used: new Set(),
    labels,
    doubts,
  };
  const route = compileRoutes(found.route as ReadRoute | undefined, names, issues);
  const severities = Object.fromEntries(
    SEVERITIES.map((severity) => [severity, compileSeverity(severity, found.severities?.[severity], names, issues)]),
  ) as Record<Severity, SeverityPolicy>;
  for (const name of names.receivers)
    if (!names.used.has(name))
      warnings.push({
        path: [...PATH, "receivers", name],
        message: "is never notified: no route or escalation step names it",
      });
  const defaultPath =
    found.route?.receiver === undefined ? [...PATH, "receivers", route.receiver] : [...PATH, "route", "receiver"];
  const nulls = new Set(names.receivers.filter((name) => found.receivers?.[name] === null));
  const isAllowed = found.allow_null_default === true;
  checkNullReceivers({ route, severities }, nulls, alerts, { isAllowed, defaultPath }, { issues, doubts });
  const { policy, staleAfterMs } = DEFAULT_NOTIFY;
  const shipped = found.shipped_inhibitions === false ? [] : policy.inhibitions;
  return {
    policy: { route, severities, intervals, inhibitions: [...shipped, ...compileInhibitions(found, names, issues)] },
    receivers,
    heartbeats: compileHeartbeats(found, issues),
    staleAfterMs: found.stale_after ?? staleAfterMs,
  };
}

function compileSeverity(
  severity: Severity,
  found: ReadSeverity | undefined,
  names: Names,
  issues: Issue[],
): SeverityPolicy {
  const path = [...PATH, "severities", severity];
  const defaults = DEFAULT_NOTIFY.policy.severities[severity];
  const mutes = (found?.mute ?? []).flatMap((name) => name ?? []);
  for (const [i, name] of mutes.entries()) unknownName("interval", name, names.intervals, [...path, "mute", i], issues);
  let lastMs = 0;
  const escalation = (found?.escalation ?? []).flatMap((step, i): EscalationStep[] => {
    const at = [...path, "escalation", i];
    if (step?.after === undefined || step.receiver === undefined) return [];
    const { after: afterMs, receiver } = step;
    unknownName("receiver", receiver, names.receivers, [...at, "receiver"], issues);
    names.used.add(receiver);
    if (afterMs < lastMs)
      issues.push({
        path: [...at, "after"],
        message: "is earlier than the step before it; list steps in order of `after`",
      });
    lastMs = Math.max(lastMs, afterMs);
    const unless = step.unless?.flatMap((one) => one ?? []) ?? ["acknowledged", "silenced"];
    return [{ afterMs, receiver, unless }];
  });
  return {
    muteIntervals: found?.mute === undefined ? defaults.muteIntervals : mutes,
    repeatIntervalMs: found?.repeat_interval ?? defaults.repeatIntervalMs,
    escalation: found?.escalation === undefined ? defaults.escalation : escalation,
  };
}

function compileInhibitions(found: ReadNotify, { labels, doubts }: Names, issues: Issue[]): Inhibition[] {
  return (found.inhibit ?? []).flatMap((one, i) => {
    const path = [...PATH, "inhibit", i];
    const source = readMatchers(one?.source, [...path, "source"], issues);
    const target = readMatchers(one?.target, [...path, "target"], issues);
    checkMatchers(source ?? [], [], [...path, "source"], labels, doubts);
    checkMatchers(target ?? [], [], [...path, "target"], labels, doubts);
    checkLabels(one?.equal, [...path, "equal"], labels, "so it would always be equal", doubts);
    if (source === undefined || target === undefined) return [];
    return [{ source, target, equal: one?.equal?.flatMap((name) => name ?? []) ?? ["target"] }];
  });
}

function compileHeartbeats(found: ReadNotify, issues: Issue[]): NotifyConfig["heartbeats"] {
  const seen = new Set<string>();
  return (found.heartbeats ?? []).flatMap((one, i) => {
    const path = [...PATH, "heartbeats", i];
    if (one?.name === undefined || one.url === undefined) return [];
    const problem = secretNameProblem(one.url);
    if (problem !== undefined)
      issues.push({ path: [...path, "url"], message: `the value (not shown, it may be a secret) ${problem}` });
    if (seen.has(one.name))
      issues.push({
        path: [...path, "name"],
        message: `${show(one.name, [])} is already the name of another heartbeat; give each its own name`,
      });
    seen.add(one.name);
    return [{ name: one.name, secret: one.url }];
  });
}
