import { type StartDeadline, startDeadline } from "../lib/deadline.ts";
import { labelCleaner } from "../lib/hide-secrets.ts";
import { Semaphore } from "../lib/semaphore.ts";
import { ZAKO_FAMILIES } from "../model/families/zako-families.ts";
import { casAccess, type OriginAccess, outsideAccess, transportAccess } from "../model/origin-access.ts";
import { type Failure, failure } from "../model/probing/failure.ts";
import type { ProbeTask } from "../model/probing/probe-task.ts";
import type { ImportedFamily } from "../model/probing/reported-metric.ts";
import type { Sample } from "../model/probing/sample.ts";
import { type AccessDeps, type OpenAccess, openAccess, plainAccess } from "./access.ts";
import { type Judgement, judge, slowed } from "./judge-steps.ts";
import type { Hash, ProbeKind, Run } from "./kind.ts";
import { findKind } from "./kinds/registry.ts";
import { explainOf } from "./look/explain-of.ts";
import type { SecondLook } from "./look/second-look.ts";
import { type ClientContext, clientOf } from "./rpc/client.ts";
import { endpointsOf } from "./rpc/endpoints.ts";
import { type Get, type Got, get } from "./rpc/get.ts";
import type { Endpoint } from "./rpc/rpc.ts";
import { withoutSecrets } from "./rpc/server-said.ts";
import { newTraceId, traceparent } from "./rpc/traceparent.ts";
import { RunClock } from "./run-clock.ts";
import { BUG, RunReport } from "./run-report.ts";
import { runSecrets, withCleanLabels } from "./run-secrets.ts";
import { hasTokensToSpare } from "./zako/spare-tokens.ts";
import { issueToken, renewingToken } from "./zako/token.ts";

/** What runs need besides their tasks. */
export interface RunDeps extends AccessDeps {
  /** Keeps the canaries of two installations apart that watch the same store. */
  readonly installation: string;
  /** Foreign families that the configuration imports. */
  readonly imports?: readonly ImportedFamily[] | undefined;
  /** All secrets that are bound, so that none comes back in a server's words. */
  readonly secrets?: () => readonly string[];
  /** Starts a BLAKE3-256. */
  readonly newHash: () => Hash;
  /** Called for bugs of our own, with place and error. The error may quote a server: log only its `bugTrace`. */
  readonly onBug: (place: string, error: unknown) => void;
  /** Aborted when the runs are no longer waited for. */
  readonly signal?: AbortSignal;
  /** Starts a run's deadline, which ends with `signal`; default: each with a timer of its own. */
  readonly startDeadline?: StartDeadline;
  /** Epoch ms; default `Date.now`. */
  readonly now?: () => number;
  /** Resolves with a clock that is right: on the platform it stands still while code runs. Default `nextTurn`. */
  readonly turn?: () => Promise<void>;
  /** Looks once more at origins that gave no answer; absent: failures stand as they are. */
  readonly look?: SecondLook | undefined;
}

/**
 * Runs one task; its deadline starts now, so a connection must be free for it. It uses one at a time, and has left it when
 * this returns. Its duration is that of its I/O, a lost first attempt included, without what was computed in between. Every behaviour of the target, and every bug that it triggers, becomes a sample.
 * Only steps, observations and memory come from the kind.
 */
export async function runTask(
  task: ProbeTask,
  deps: RunDeps,
  clock = new RunClock(deps.now, deps.turn),
): Promise<Sample> {
  const startedAt = clock.ioAt;
  const duration = clock.start();
  const traceId = newTraceId();
  const report = new RunReport(clock, task.transcript);
  const judgement = await judged(task, deps, { report, clock, traceId }).catch((error: unknown) => {
    deps.onBug(task.plan.kind, error);
    return BROKEN;
  });
  const durationMs = duration();
  const { target, plan, vantage, slot, attempt } = task;
  // A run that went well quotes no server, and there are many of them.
  let known: string[] | undefined;
  const secrets = (): string[] => (known ??= runSecrets(task, report, deps));
  const clean = <T extends object>(one: T): T =>
    "failure" in one ? { ...one, failure: withoutSecrets(one.failure as Failure | undefined, secrets()) } : one;
  return {
    target: target.name,
    probe: plan.kind,
    vantage,
    slot,
    attempt,
    startedAt,
    durationMs,
    ...clean(slowed(judgement, durationMs, plan.degradedAfterMs)),
    steps: report.steps.map(clean),
    ...(report.calls === undefined ? {} : { calls: report.calls }),
    observations: report.observations(plan.kind),
    ...(report.metrics.length === 0 ? {} : { metrics: withCleanLabels(report.metrics, secrets()) }),
    ...(report.memory === undefined ? {} : { memory: report.memory }),
    traceId,
  };
}

/** What a run works with besides its task. */
interface RunParts {
  report: RunReport;
  clock: RunClock;
  traceId: string;
}

async function judged(task: ProbeTask, deps: RunDeps, { report, clock, traceId }: RunParts): Promise<Judgement> {
  const { plan } = task;
  const kind = findKind(plan.kind);
  if (kind === undefined) return unfit("internal", "this version of the prober does not know this kind of probe");
  const access = accessOf(task, kind, deps);
  if ("outcome" in access) return access;
  using deadline = deps.startDeadline?.(plan.timeoutMs) ?? startDeadline(plan.timeoutMs, clock.now(), deps.signal);
  const context: Omit<ClientContext, "fetch"> = {
    deadline,
    traceId,
    clock,
    line: new Semaphore(1),
    explain: explainOf(task, deps.look, report, clock, deadline.signal),
    onCall: (method, answer) => report.call(method, answer),
  };
  const caveat = await kind.run(runOf(task, deps, report, access, context));
  const judgement = judge(report.steps, kind.minorSteps, caveat?.unproven);
  return judgement.outcome === "ok" && caveat?.recovers === false ? { ...judgement, recovers: false } : judgement;
}

/** How a run reaches those that it asks. */
interface Access {
  cas: OpenAccess;
  transport: OpenAccess;
  outside: OpenAccess;
  /** For transfers. */
  token: string | undefined;
}

/** What the run needs to be let in, or why it cannot be made. */
function accessOf({ target, plan, memory }: ProbeTask, kind: ProbeKind, deps: RunDeps): Access | Judgement {
  const plain = plainAccess(deps);
  // What a run does not need must not keep it from being made.
  const open = (access: OriginAccess, isNeeded: boolean): OpenAccess | Failure => {
    const opened = openAccess(access, deps);
    return "reason" in opened && !isNeeded ? plain : opened;
  };
  const cas = open(casAccess(target), kind.tier !== "outside");
  if ("reason" in cas) return { outcome: "skipped", failure: cas };
  const transport = open(transportAccess(target), kind.tier === "transport");
  if ("reason" in transport) return { outcome: "skipped", failure: transport };
  const outside = plan.outside === undefined ? plain : open(outsideAccess(target, plan.outside), true);
  if ("reason" in outside) return { outcome: "skipped", failure: outside };
  const token = target.transportAuth === undefined ? undefined : memory.token;
  if (kind.tier === "transport" && target.transportAuth !== undefined && token === undefined) return NO_TOKEN;
  return { cas, transport, outside, token };
}

/** The run as its kind sees it. */
function runOf(
  task: ProbeTask,
  deps: RunDeps,
  report: RunReport,
  { cas: toCas, transport: toTransport, outside, token }: Access,
  context: Omit<ClientContext, "fetch">,
): Run<unknown> {
  const { target, plan } = task;
  const { deadline } = context;
  const shown = { cas: toCas.headers, transport: toTransport.headers };
  const endpoints = endpointsOf(target, { ...shown, token });
  // What a binding leads to, nobody else may dial.
  const openContext = ({ fetch }: OpenAccess): ClientContext =>
    fetch === deps.fetch ? { ...context, fetch } : { ...context, fetch, explain: undefined };
  const cas = clientOf(endpoints.cas, openContext(toCas));
  const transportOf = (endpoint: Endpoint) => clientOf(endpoint, openContext(toTransport));
  const transport = transportOf(endpoints.transport);
  // After a server's restart a client would fetch a fresh token. A confirmation may do so too whatever the budget says:
  // it comes once per streak of failures, and so does what it costs the server.
  const renews = token !== undefined && (task.attempt === 1 || hasTokensToSpare(task));
  const renew = async () => {
    const fresh = await issueToken(cas);
    if (fresh === undefined) return undefined;
    report.remember({ token: fresh, tokens: 1 });
    report.observe(ZAKO_FAMILIES.tokensIssued, 1);
    return transportOf(endpointsOf(target, { ...shown, token: fresh }).transport);
  };
  return {
    task,
    options: plan.options,
    installation: deps.installation,
    cas,
    transport: renews ? renewingToken(transport, renew) : transport,
    newHash: deps.newHash,
    now: context.clock.now,
    step(name, ask) {
      return report.step(name, ask, deadline.signal, (error) => deps.onBug(`${plan.kind} ${name}`, error));
    },
    observe(family, value, labels) {
      const named = family === ZAKO_FAMILIES.integrityFailures ? { probe: plan.kind, ...labels } : labels;
      report.observe(family, value, named);
    },
    reportTotal(family, total, sinceMs, labels) {
      report.total(family, total, sinceMs, labels);
    },
    remember(patch) {
      report.remember(patch);
    },
    get: (ask) =>
      context.line.run(() => getOutside(ask, plan.outside?.url ?? "", outside, openContext(outside), report)),
    imports: deps.imports ?? [],
    cleanLabel: labelCleaner(() => runSecrets(task, report, deps)),
    tell(metrics) {
      report.metrics.push(...metrics);
    },
  };
}

/** Asks the endpoint outside of CAS and Transport that the plan names. */
async function getOutside(
  ask: Get,
  url: string,
  { headers, fetch }: OpenAccess,
  { explain, traceId, deadline, clock }: ClientContext,
  report: RunReport,
): Promise<Got> {
  const onRetry = () => report.retried();
  const got = await get(ask, { url, headers, deadline, clock, fetch, traceparent: traceparent(traceId), onRetry });
  if (got.ok || explain === undefined) return got;
  const found = await explain(new URL(url).origin, got.failure);
  return { ok: false, failure: found.reason === "grpc_only" ? got.failure : found };
}

const BROKEN: Judgement = { outcome: "skipped", failure: BUG };

function unfit(reason: Failure["reason"], message: string, hint?: string): Judgement {
  return { outcome: "skipped", failure: failure(reason, true, hint === undefined ? { message } : { message, hint }) };
}

const NO_TOKEN = unfit(
  "no_token",
  "transfers to this target need a token, and none has been issued yet",
  "cas.details fetches it: check that it is enabled and succeeds",
);
