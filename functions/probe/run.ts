import { startDeadline } from "../lib/deadline.ts";
import { labelCleaner } from "../lib/hide-secrets.ts";
import { ZAKO_FAMILIES } from "../model/families/zako-families.ts";
import { type Failure, failure } from "../model/probing/failure.ts";
import type { ProbeTask } from "../model/probing/probe-task.ts";
import type { ImportedFamily, ReportedMetric } from "../model/probing/reported-metric.ts";
import type { Sample } from "../model/probing/sample.ts";
import type { SecretHeader } from "../model/probing/target.ts";
import { type Judgement, judge, slowed } from "./judge-steps.ts";
import type { Hash, ProbeKind, Run } from "./kind.ts";
import { findKind } from "./kinds/registry.ts";
import { explainer, type SecondLook } from "./look/second-look.ts";
import { type ClientContext, clientOf } from "./rpc/client.ts";
import { endpointsOf, headerOf } from "./rpc/endpoints.ts";
import { get } from "./rpc/get.ts";
import { withoutSecrets } from "./rpc/server-said.ts";
import { newTraceId, traceparent } from "./rpc/traceparent.ts";
import { BUG, RunReport } from "./run-report.ts";
import { hasTokensToSpare } from "./zako/spare-tokens.ts";
import { issueToken, renewingToken } from "./zako/token.ts";

/** What runs need besides their tasks. */
export interface RunDeps {
  /** Keeps the canaries of two installations apart that watch the same store. */
  readonly installation: string;
  /** Foreign families that the configuration imports. */
  readonly imports?: readonly ImportedFamily[] | undefined;
  /** The secret of a binding; undefined if it is not bound. */
  readonly secret: (name: string) => string | undefined;
  /** All secrets that are bound, so that none comes back in a server's words. */
  readonly secrets?: () => readonly string[];
  /** Starts a BLAKE3-256. */
  readonly newHash: () => Hash;
  /** Called for bugs of our own, with place and error. The error may quote a server: log only its `bugTrace`. */
  readonly onBug: (place: string, error: unknown) => void;
  /** Aborted when the runs are no longer waited for. */
  readonly signal?: AbortSignal;
  /** Epoch ms; default `Date.now`. */
  readonly now?: () => number;
  /** Replaces the platform's fetch. */
  readonly fetch?: typeof fetch;
  /** Looks once more at origins that gave no answer; absent: failures stand as they are. */
  readonly look?: SecondLook | undefined;
}

/**
 * Runs one task; its deadline starts now. Every behaviour of the target, and every bug that it triggers, becomes a sample.
 * Only steps, observations and memory come from the kind.
 */
export async function runTask(task: ProbeTask, deps: RunDeps): Promise<Sample> {
  const now = deps.now ?? Date.now;
  const startedAt = now();
  const traceId = newTraceId();
  const report = new RunReport(now);
  const judgement = await judged(task, deps, report, traceId).catch((error: unknown) => {
    deps.onBug(task.plan.kind, error);
    return BROKEN;
  });
  const durationMs = now() - startedAt;
  const { target, plan, vantage, slot, attempt } = task;
  const secrets = secretsOf(task, report, deps);
  const clean = <T extends object>(one: T): T =>
    "failure" in one ? { ...one, failure: withoutSecrets(one.failure as Failure | undefined, secrets) } : one;
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
    observations: report.observations(plan.kind),
    ...(report.metrics.length === 0 ? {} : { metrics: withCleanLabels(report.metrics, secrets) }),
    ...(report.memory === undefined ? {} : { memory: report.memory }),
    traceId,
  };
}

function withCleanLabels(metrics: readonly ReportedMetric[], secrets: readonly string[]): ReportedMetric[] {
  const clean = labelCleaner(() => secrets);
  return metrics.map((metric) => ({
    ...metric,
    labels: Object.fromEntries(Object.entries(metric.labels).map(([name, value]) => [name, clean(value ?? "")])),
  }));
}

/** All secrets that a server's words and labels must not hold. */
const secretsOf = (task: ProbeTask, report: RunReport, deps: RunDeps): string[] => [
  ...(deps.secrets?.() ?? []),
  ...ownSecrets(task, report, deps),
];

/** Tokens and secrets that went out with the run. */
const ownSecrets = ({ target, plan, memory }: ProbeTask, report: RunReport, deps: RunDeps): string[] =>
  [
    memory.token,
    report.memory?.token,
    ...[target.auth, plan.outside?.auth].map((auth) => auth && deps.secret(auth.secret)),
  ].filter((secret): secret is string => secret !== undefined);

async function judged(task: ProbeTask, deps: RunDeps, report: RunReport, traceId: string): Promise<Judgement> {
  const { plan } = task;
  const kind = findKind(plan.kind);
  if (kind === undefined) return unfit("internal", "this version of the prober does not know this kind of probe");
  const access = accessOf(task, kind, deps);
  if ("outcome" in access) return access;
  using deadline = startDeadline(plan.timeoutMs, report.now(), deps.signal);
  const context: ClientContext = {
    deadline,
    traceId,
    now: report.now,
    fetch: deps.fetch,
    explain: explainOf(task, deps, report, deadline.signal),
    onCall: (method, answer) => report.call(method, answer),
  };
  const caveat = await kind.run(runOf(task, kind, deps, report, access, context));
  const judgement = judge(report.steps, kind.minorSteps, caveat?.unproven);
  return judgement.outcome === "ok" && caveat?.recovers === false ? { ...judgement, recovers: false } : judgement;
}

/** How failures to reach an origin are explained. Native gRPC through the platform's edge takes no other protocol. */
function explainOf({ target, memory }: ProbeTask, { look }: RunDeps, report: RunReport, signal: AbortSignal) {
  if (look === undefined) return undefined;
  return explainer({
    look,
    memory,
    signal,
    now: report.now,
    takesHttp2: target.protocol === "grpc",
    onLook: (origin, found) => report.remember({ looks: { [origin]: found } }),
  });
}

/** What a run shows to those that it asks. */
interface Access {
  /** Header and value for whoever the probe asks first. */
  auth: SecretHeader | undefined;
  secret: string | undefined;
  /** For transfers. */
  token: string | undefined;
}

/** What the run needs to be let in, or why it cannot be made. */
function accessOf(task: ProbeTask, kind: ProbeKind, deps: RunDeps): Access | Judgement {
  const { target, memory } = task;
  // Whoever asks elsewhere does not need the target's own secret, unless it goes to the same origin.
  const auth = kind.tier === "outside" ? outsideAuth(task) : target.auth;
  const secret = auth === undefined ? undefined : deps.secret(auth.secret);
  if (auth !== undefined && (secret === undefined || secret === "")) return missingSecret(auth.secret);
  const token = target.transportAuth === undefined ? undefined : memory.token;
  if (kind.tier === "transport" && target.transportAuth !== undefined && token === undefined) return NO_TOKEN;
  return { auth, secret, token };
}

/** The run as its kind sees it. */
function runOf(
  task: ProbeTask,
  kind: ProbeKind,
  deps: RunDeps,
  report: RunReport,
  access: Access,
  context: ClientContext,
): Run<unknown> {
  const { target, plan } = task;
  const { auth, secret, token } = access;
  const { traceId, deadline } = context;
  const endpoints = endpointsOf(target, kind.tier === "outside" ? undefined : secret, token);
  const cas = clientOf(endpoints.cas, context);
  const transport = clientOf(endpoints.transport, context);
  // After a server's restart a client would fetch a fresh token. A confirmation may do so too whatever the budget says:
  // it comes once per streak of failures, and so does what it costs the server.
  const renews = token !== undefined && (task.attempt === 1 || hasTokensToSpare(task));
  const renew = async () => {
    const fresh = await issueToken(cas);
    if (fresh === undefined) return undefined;
    report.remember({ token: fresh, tokens: 1 });
    report.observe(ZAKO_FAMILIES.tokensIssued, 1);
    return clientOf(endpointsOf(target, secret, fresh).transport, context);
  };
  return {
    task,
    options: plan.options,
    installation: deps.installation,
    cas,
    transport: renews ? renewingToken(transport, renew) : transport,
    newHash: deps.newHash,
    now: report.now,
    step: (name, ask) => report.step(name, ask, deadline.signal, (error) => deps.onBug(`${plan.kind} ${name}`, error)),
    observe: (family, value, labels) =>
      report.observe(
        family,
        value,
        family === ZAKO_FAMILIES.integrityFailures ? { probe: plan.kind, ...labels } : labels,
      ),
    reportTotal: (family, total, sinceMs, labels) => report.total(family, total, sinceMs, labels),
    remember: (patch) => report.remember(patch),
    get: async (ask) => {
      const url = plan.outside?.url ?? "";
      const headers = headerOf(auth, secret);
      const onRetry = () => report.retried();
      const got = await get(ask, { ...context, url, headers, traceparent: traceparent(traceId), onRetry });
      if (got.ok || context.explain === undefined) return got;
      return { ok: false, failure: await context.explain(new URL(url).origin, got.failure) };
    },
    imports: deps.imports ?? [],
    cleanLabel: labelCleaner(() => secretsOf(task, report, deps)),
    tell: (metrics) => void report.metrics.push(...metrics),
  };
}

/** Credentials of an `outside` endpoint: its own secret, or the target's if it is on the target's origin. */
function outsideAuth({ target, plan: { outside } }: ProbeTask): SecretHeader | undefined {
  if (outside === undefined || outside.auth !== undefined) return outside?.auth;
  return new URL(outside.url).origin === new URL(target.casUrl).origin ? target.auth : undefined;
}

const BROKEN: Judgement = { outcome: "skipped", failure: BUG };

function unfit(reason: Failure["reason"], message: string, hint?: string): Judgement {
  return { outcome: "skipped", failure: failure(reason, true, hint === undefined ? { message } : { message, hint }) };
}

const missingSecret = (name: string): Judgement =>
  unfit("secret_missing", `the secret ${name} is not bound`, `set it with \`wrangler secret put ${name}\``);

const NO_TOKEN = unfit(
  "no_token",
  "transfers to this target need a token, and none has been issued yet",
  "cas.details fetches it: check that it is enabled and succeeds",
);
