import type { DescMethod } from "@bufbuild/protobuf";
import { ContentAddressableStorage } from "../../proto/gen/zako/v1/cas_pb.ts";
import { PROBE_SOURCE, ZAKO_FAMILIES } from "../model/families/zako-families.ts";
import type { Family, Labels, Observation } from "../model/metric.ts";
import { type Failure, failure } from "../model/probing/failure.ts";
import type { MemoryPatch } from "../model/probing/memory.ts";
import { joinPatches } from "../model/probing/remember.ts";
import type { ReportedMetric } from "../model/probing/reported-metric.ts";
import type { SeenCall, Step } from "../model/probing/sample.ts";
import type { StepResult } from "./kind.ts";
import type { StreamAnswer } from "./rpc/rpc.ts";
import type { RunClock } from "./run-clock.ts";

/** A bug of ours: what a run or step comes to that broke. */
export const BUG = failure("internal", true);

/** What a run has reported so far; it is kept even if the run then fails. */
export class RunReport {
  readonly steps: Step[] = [];
  readonly observed: Observation[] = [];
  readonly metrics: ReportedMetric[] = [];
  /** Calls so far, if they are listed. */
  readonly calls: SeenCall[] | undefined;
  memory: MemoryPatch | undefined;
  readonly #clock: RunClock;
  #retries = 0;
  /** The step that is running. */
  #step = "";

  constructor(clock: RunClock, listsCalls = false) {
    this.#clock = clock;
    this.calls = listsCalls ? [] : undefined;
  }

  async step(
    name: string,
    ask: () => Promise<StepResult>,
    signal: AbortSignal,
    onBug: (error: unknown) => void,
  ): Promise<StepResult["outcome"] | "unasked"> {
    if (signal.aborted) {
      // A run without failures so far has still missed its deadline; a failed run has its reason already.
      if (!this.steps.some((step) => step.outcome === "failed")) this.#add(name, 0, LATE);
      return "unasked";
    }
    if (this.#clock.isBehind) await this.#clock.catchUp();
    this.#step = name;
    const duration = this.#clock.start();
    let result: StepResult;
    try {
      result = await ask();
    } catch (error) {
      onBug(error);
      result = { outcome: "failed", failure: BUG };
    }
    this.#add(name, duration(), result);
    return result.outcome;
  }

  #add(name: string, durationMs: number, result: StepResult): void {
    this.steps.push({ name, durationMs, ...result });
  }

  observe(family: Family, value: number, labels: Labels = {}): void {
    const source = family.labels.includes("source") ? PROBE_SOURCE : {};
    this.observed.push({ family: family.name, labels: { ...source, ...labels }, value });
  }

  total(family: Family, value: number, since: number, labels: Labels = {}): void {
    const named = { family: family.name, labels: { ...PROBE_SOURCE, ...labels } };
    this.metrics.push({ ...named, value, temporality: "total", since });
  }

  remember(patch: MemoryPatch): void {
    this.memory = joinPatches(this.memory ?? {}, patch);
  }

  retried(): void {
    this.#retries++;
  }

  call(method: DescMethod, answer: StreamAnswer): void {
    this.#retries += answer.observation.retries;
    this.calls?.push(seenCall(this.#step, method, answer));
    if (method.parent.typeName !== ContentAddressableStorage.typeName) return;
    const labels = { ...PROBE_SOURCE, method: method.name, code: answer.ok ? "ok" : codeOf(answer.failure) };
    this.observed.push({ family: ZAKO_FAMILIES.casRequests.name, labels, value: 1 });
  }

  observations(probe: string): readonly Observation[] {
    if (this.#retries === 0) return this.observed;
    return [...this.observed, { family: "zako_v1_probe_retries_total", labels: { probe }, value: this.#retries }];
  }
}

function seenCall(step: string, { parent, name }: DescMethod, answer: StreamAnswer): SeenCall {
  const { httpStatus, headersMs, totalMs, bytesIn, bytesOut, messages, retries } = answer.observation;
  return {
    step,
    method: `${parent.typeName}/${name}`,
    result: answer.ok ? "ok" : answer.failure.reason,
    ...(httpStatus === null ? {} : { httpStatus }),
    sentBytes: bytesOut,
    receivedBytes: bytesIn,
    messages,
    ...(headersMs === null ? {} : { headersMs }),
    totalMs,
    retries,
  };
}

const LATE: StepResult = {
  outcome: "failed",
  failure: failure("timeout", true, { message: "the deadline passed before this step could start" }),
};

const codeOf = ({ reason }: Failure): string => (reason.startsWith("rpc_") ? reason.slice(4) : "no_status");
