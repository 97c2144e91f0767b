import { bySlot } from "../../evaluate/verdict/new-votes.ts";
import { type Alert, type AlertLabels, type NewestRun, type Outage, severityOf } from "../../model/alerting/alert.ts";
import type { Evidence, FailedStep } from "../../model/alerting/evidence.ts";
import { fingerprint } from "../../model/alerting/fingerprint.ts";
import type { AnyCondition } from "../../model/alerting/rule.ts";
import { casAccess, outsideAccess, transportAccess } from "../../model/origin-access.ts";
import type { Reason } from "../../model/probing/failure.ts";
import type { ProbePlan, Target } from "../../model/probing/target.ts";
import { readVantageState, readVerdict, VANTAGE_STATE_FAMILY, VERDICT_FAMILY } from "../tick/verdict-columns.ts";
import type { EvidenceSource } from "./explain-alert.ts";

/** Reasons that say that the server is not there, whatever was asked. */
const UNREACHABLE: ReadonlySet<Reason> = new Set(["connect", "dns", "tls", "timeout", "edge", "rpc_unavailable"]);
const GATEWAY_STATUSES: ReadonlySet<number | undefined> = new Set([502, 503, 504]);

type RunSource = Pick<EvidenceSource, "table" | "vantages" | "now">;

/** An alert with what the Alerter asks of its outage; only where runs of the target's probes decide when it ends. */
export function addOutage(alert: Alert, condition: AnyCondition, target: Target | undefined, source: RunSource): Alert {
  const { labels, evidence } = alert;
  if (target === undefined || evidence === undefined) return alert;
  const outage = outageOf(labels, evidence, target);
  if (outage !== undefined && saysDown(condition)) outage.down = true;
  const newestRun = newestRunOf(target, labels, source);
  return { ...alert, ...(outage === undefined ? {} : { outage }), ...(newestRun === undefined ? {} : { newestRun }) };
}

/** Whether an alert of this condition says that a target is down. */
const saysDown = (condition: AnyCondition): boolean =>
  condition.kind === "verdict" &&
  Reflect.get(condition, "of") === "target" &&
  Reflect.get(condition, "state") === "down";

/** What a critical alert's outage has in common with those of other targets; undefined where no run is behind it. */
function outageOf(labels: AlertLabels, evidence: Evidence, target: Target): Outage | undefined {
  if (severityOf(labels) !== "critical") return undefined;
  const { cause: probe, steps, vantages, outOf } = evidence;
  // What several probes did to the error budget has no single cause that other targets could share.
  if (probe === undefined) return undefined;
  const own = steps.filter((step) => step.probe === probe);
  const [first] = own.length > 0 ? own : steps;
  if (first === undefined) return undefined;
  return {
    cause: causeOf(first),
    front: fingerprint({ host: hostOf(target, first.probe) }),
    ...(outOf > 1 && vantages.length < outOf ? { region: [...vantages].sort().join(", ") } : {}),
  };
}

/** The newest run of the probes that keep a target's incident open; undefined where none does. */
function newestRunOf(target: Target, { probe }: AlertLabels, source: RunSource): NewestRun | undefined {
  const runs = target.probes
    .filter((plan) => (probe === undefined ? plan.critical : plan.kind === probe))
    .flatMap((plan) => runOf(target, plan, source) ?? []);
  const failed = runs.filter((run) => run.failed);
  // It fails as long as one of them does; it has recovered no longer than the last of them.
  return failed.length > 0
    ? failed.reduce((a, b) => (b.at > a.at ? b : a))
    : runs.reduce<NewestRun | undefined>((a, b) => (a === undefined || b.at < a.at ? b : a), undefined);
}

function runOf(target: Target, plan: ProbePlan, { table, vantages, now }: RunSource): NewestRun | undefined {
  const place = table.at(target.name, VERDICT_FAMILY.name, { probe: plan.kind }, now);
  const verdict = readVerdict(place.block.values, place.offset);
  if (!verdict.incidentOpen) return undefined;
  const votes = vantages.flatMap((vantage) => {
    const { block, offset } = table.at(target.name, VANTAGE_STATE_FAMILY.name, { probe: plan.kind, vantage }, now);
    return readVantageState(block.values, offset, vantage).vote ?? [];
  });
  const last = votes.toSorted(bySlot).at(-1);
  if (last === undefined) return undefined;
  // What a run was judged to be counts: a vantage that fails among others, suspect or outvoted, is no failing run.
  const failed = (verdict.ring & 1) === 1;
  const isJudged = last.slot === verdict.lastSlot && last.attempt === verdict.lastAttempt;
  return {
    // Rechecks begin in the middle of a slot. One that said nothing shows no failure after the last that did.
    at: failed && !isJudged ? verdict.lastSlot : Math.max(verdict.lastSlot, verdict.askedAt),
    failed,
    recheckMs: plan.recheckMs ?? plan.intervalMs,
    timeoutMs: plan.timeoutMs,
    recoveries: plan.thresholds.recoveries,
  };
}

const causeOf = ({ reason, httpStatus }: FailedStep): string =>
  UNREACHABLE.has(reason) || GATEWAY_STATUSES.has(httpStatus) ? "unreachable" : reason;

/** The host that a probe asks. The same address behind two bindings is two hosts. */
function hostOf(target: Target, probe: string): string {
  const outside = target.probes.find(({ kind }) => kind === probe)?.outside;
  const isTransport = probe.startsWith("transport.");
  const { url, via } =
    outside === undefined ? (isTransport ? transportAccess : casAccess)(target) : outsideAccess(target, outside);
  return `${via === undefined ? "" : `${via} `}${URL.parse(url)?.hostname ?? ""}`;
}
