import type { DescMethod } from "@bufbuild/protobuf";
import { ContentAddressableStorage } from "../../proto/gen/zako/v1/cas_pb.ts";
import { startDeadline } from "../lib/deadline.ts";
import { PROBE_SOURCE, ZAKO_FAMILIES } from "../model/families/zako-families.ts";
import type { Observation } from "../model/metric.ts";
import { type Failure, failure } from "../model/probing/failure.ts";
import type { MemoryPatch } from "../model/probing/memory.ts";
import type { ProbeTask } from "../model/probing/probe-task.ts";
import { isRecheck } from "../model/probing/recheck.ts";
import { joinPatches } from "../model/probing/remember.ts";
import type { ImportedFamily, ReportedMetric } from "../model/probing/reported-metric.ts";
import type { Sample, Step } from "../model/probing/sample.ts";
import type { SecretHeader } from "../model/probing/target.ts";
import { type Judgement, judge, slowed } from "./judge-steps.ts";
import type { Hash, Run, StepResult } from "./kind.ts";
import { findKind } from "./kinds/registry.ts";
import { type ClientContext, clientOf } from "./rpc/client.ts";
import { endpointsOf, headerOf } from "./rpc/endpoints.ts";
import { get } from "./rpc/get.ts";
import type { StreamAnswer } from "./rpc/rpc.ts";
import { newTraceId, traceparent } from "./rpc/traceparent.ts";
import { hasTokensToSpare } from "./zako/spare-tokens.ts";
import { issueToken, renewingToken } from "./zako/token.ts";

/** What runs need besides their orders. */
export interface RunDeps {
  /** Separates the canaries of two installations that watch one store. */
  readonly installation: string;
  /** Families of others that the configuration lets in. */
  readonly imports?: readonly ImportedFamily[] | undefined;
  /** The secret behind a binding's name, if it is bound. */
  readonly secret: (name: string) => string | undefined;
  /** Starts a BLAKE3-256. */
  readonly newHash: () => Hash;
  /** Told of bugs of our own: where, and the error, which may quote a server: see `bugTrace` for what may be logged. */
  readonly onBug: (place: string, error: unknown) => void;
  /** Aborted when nobody waits for the runs any more. */
  readonly signal?: AbortSignal;
  /** Epoch ms; `Date.now` unless told. */
  readonly now?: () => number;
  /** Stands in for the platform's fetch. */
  readonly fetch?: typeof fetch;
}

/**
 * Runs one order, starting its deadline now. Whatever the target does, and whatever bug it brings to light, becomes a
 * sample; only the steps, observations and memory are the kind's own.
 */
export async function runTask(task: ProbeTask, deps: RunDeps): Promise<Sample> {
  const now = deps.now ?? Date.now;
  const startedAt = now();
  const traceId = newTraceId();
  const report = new Report(now);
  const judgement = await judged(task, deps, report, traceId).catch((error: unknown) => {
    deps.onBug(task.plan.kind, error);
    return BROKEN;
  });
  const durationMs = now() - startedAt;
  const { target, plan, vantage, slot, attempt } = task;
  return {
    target: target.name,
    probe: plan.kind,
    vantage,
    slot,
    attempt,
    startedAt,
    durationMs,
    ...slowed(judgement, durationMs, plan.degradedAfterMs),
    steps: report.steps,
    observations: report.observations(plan.kind),
    ...(report.metrics.length === 0 ? {} : { metrics: report.metrics }),
    ...(report.memory === undefined ? {} : { memory: report.memory }),
    traceId,
  };
}

async function judged(task: ProbeTask, deps: RunDeps, report: Report, traceId: string): Promise<Judgement> {
  const { target, plan, memory } = task;
  const kind = findKind(plan.kind);
  if (kind === undefined) return unfit("internal", "this version of the prober does not know the kind of the probe");
  // Whoever asks elsewhere does not need the target's own secret, unless it goes to the same origin.
  const auth = kind.tier === "outside" ? outsideAuth(task) : target.auth;
  const secret = auth === undefined ? undefined : deps.secret(auth.secret);
  if (auth !== undefined && (secret === undefined || secret === "")) return missingSecret(auth.secret);
  const token = target.transportAuth === undefined ? undefined : memory.token;
  if (kind.tier === "transport" && target.transportAuth !== undefined && token === undefined) return NO_TOKEN;

  using deadline = startDeadline(plan.timeoutMs, report.now(), deps.signal);
  const context: ClientContext = {
    deadline,
    traceId,
    now: report.now,
    fetch: deps.fetch,
    onCall: (method, answer) => report.call(method, answer),
  };
  const endpoints = endpointsOf(target, kind.tier === "outside" ? undefined : secret, token);
  const cas = clientOf(endpoints.cas, context);
  const transport = clientOf(endpoints.transport, context);
  const remember = (patch: MemoryPatch): void => {
    report.memory = joinPatches(report.memory ?? {}, patch);
  };
  // A confirmation comes once per streak of failures, and so does what it costs the server; rechecks have a budget.
  const renews = token !== undefined && (task.attempt === 1 || (isRecheck(task) && hasTokensToSpare(task)));
  const renew = async () => {
    const fresh = await issueToken(cas);
    if (fresh === undefined) return undefined;
    remember({ token: fresh, tokens: 1 });
    report.observed.push({ family: ZAKO_FAMILIES.tokensIssued.name, labels: PROBE_SOURCE, value: 1 });
    return clientOf(endpointsOf(target, secret, fresh).transport, context);
  };
  const run: Run<unknown> = {
    task,
    options: plan.options,
    installation: deps.installation,
    cas,
    transport: renews ? renewingToken(transport, renew) : transport,
    newHash: deps.newHash,
    now: report.now,
    step: (name, ask) => report.step(name, ask, deadline.signal, (error) => deps.onBug(`${plan.kind} ${name}`, error)),
    observe: (family, value, labels) =>
      report.observed.push({
        family: family.name,
        labels: family.labels.includes("source") ? { ...PROBE_SOURCE, ...labels } : { ...labels },
        value,
      }),
    reportTotal: (family, total, sinceMs, labels) =>
      report.metrics.push({
        family: family.name,
        labels: { ...PROBE_SOURCE, ...labels },
        value: total,
        temporality: "total",
        since: sinceMs,
      }),
    remember,
    get: (ask) =>
      get(ask, {
        ...context,
        url: plan.outside?.url ?? "",
        headers: headerOf(auth, secret),
        traceparent: traceparent(traceId),
        onRetry: () => report.retried(),
      }),
    imports: deps.imports ?? [],
    tell: (metrics) => {
      report.metrics.push(...metrics);
    },
  };
  const caveat = await kind.run(run);
  const judgement = judge(report.steps, kind.minorSteps, caveat?.unproven);
  return judgement.outcome === "ok" && caveat?.recovers === false ? { ...judgement, recovers: false } : judgement;
}

/** What goes with a call to an `outside` endpoint: its own secret, or the target's where it is of the target's origin. */
function outsideAuth({ target, plan: { outside } }: ProbeTask): SecretHeader | undefined {
  if (outside === undefined || outside.auth !== undefined) return outside?.auth;
  return new URL(outside.url).origin === new URL(target.casUrl).origin ? target.auth : undefined;
}

const BUG = failure("internal", true);
const BROKEN: Judgement = { outcome: "skipped", failure: BUG };

function unfit(reason: Failure["reason"], message: string, hint?: string): Judgement {
  return { outcome: "skipped", failure: failure(reason, true, hint === undefined ? { message } : { message, hint }) };
}

const missingSecret = (name: string): Judgement =>
  unfit("secret_missing", `the secret ${name} is not bound`, `put it in with \`wrangler secret put ${name}\``);

const NO_TOKEN = unfit(
  "no_token",
  "transfers to this target carry a token, and none has been handed out yet",
  "cas.details fetches it: see that it is enabled and succeeds",
);

/** What a run has found so far; it stands even if the run then breaks. */
class Report {
  readonly steps: Step[] = [];
  readonly observed: Observation[] = [];
  readonly metrics: ReportedMetric[] = [];
  memory: MemoryPatch | undefined;
  readonly now: () => number;
  #retries = 0;

  constructor(now: () => number) {
    this.now = now;
  }

  async step(
    name: string,
    ask: () => Promise<StepResult>,
    signal: AbortSignal,
    onBug: (error: unknown) => void,
  ): Promise<StepResult["outcome"] | "unasked"> {
    if (signal.aborted) {
      // A run that went well so far has not ended in time all the same; one that failed has its reason.
      if (!this.steps.some((step) => step.outcome === "failed")) this.#add(name, 0, LATE);
      return "unasked";
    }
    const startedAt = this.now();
    let result: StepResult;
    try {
      result = await ask();
    } catch (error) {
      onBug(error);
      result = { outcome: "failed", failure: BUG };
    }
    this.#add(name, this.now() - startedAt, result);
    return result.outcome;
  }

  #add(name: string, durationMs: number, result: StepResult): void {
    this.steps.push({ name, durationMs, ...result });
  }

  retried(): void {
    this.#retries++;
  }

  call(method: DescMethod, answer: StreamAnswer): void {
    this.#retries += answer.observation.retries;
    if (method.parent.typeName !== ContentAddressableStorage.typeName) return;
    const labels = { ...PROBE_SOURCE, method: method.name, code: answer.ok ? "ok" : codeOf(answer.failure) };
    this.observed.push({ family: ZAKO_FAMILIES.casRequests.name, labels, value: 1 });
  }

  observations(probe: string): readonly Observation[] {
    if (this.#retries === 0) return this.observed;
    return [...this.observed, { family: "zako_v1_probe_retries_total", labels: { probe }, value: this.#retries }];
  }
}

const LATE: StepResult = {
  outcome: "failed",
  failure: failure("timeout", true, { message: "the deadline passed before this step could be asked" }),
};

const codeOf = ({ reason }: Failure): string => (reason.startsWith("rpc_") ? reason.slice(4) : "no_status");
