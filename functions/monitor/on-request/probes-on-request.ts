import { orLate, type StartDeadline } from "../../lib/deadline.ts";
import { Semaphore } from "../../lib/semaphore.ts";
import type { ProbeAnswer, ProbeRequest, ProbeResult } from "../../model/probing/probe-request.ts";
import type { ProbeTask } from "../../model/probing/probe-task.ts";
import type { Sample } from "../../model/probing/sample.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import type { SampleBacklog } from "../../store/history/history-backlog.ts";
import type { MonitorCore } from "../monitor-core.ts";
import type { RunProbes } from "../monitor-ports.ts";
import { collect } from "../tick/collect.ts";
import { findRun, type RunFound } from "./find-run.ts";
import { lastResult } from "./last-result.ts";

/** Runs at once; the connections that they use are the ticks', too. */
const AT_ONCE = 2;
/** A target is asked at most once in this time by the same probe from the same vantage, however many people ask us, ms. */
const REPEATED_MS = 10_000;
/** Between the deadlines of the run, of its batch and of the answer, ms. */
const MARGIN_MS = 100;

const BUSY: ProbeAnswer = { said: "no_result", why: "the prober was busy: no run ended in the time there was" };

/** What running probes on request needs. */
export interface OnRequestPorts {
  core: Pick<MonitorCore, "config" | "head" | "record">;
  kinds: ReadonlyMap<string, ProbeKind>;
  probe: RunProbes;
  backlog: Pick<SampleBacklog, "blocksAt">;
  /** Epoch ms. */
  now: () => number;
  startDeadline: StartDeadline;
}

/**
 * Runs a probe because somebody asks, outside the schedule. The run has no vote and is not counted: how often people ask
 * must not change what is said of a target. It is charged to the target's budgets. A probe that may not be repeated at any
 * time is not run; the answer is its last result.
 */
export class ProbesOnRequest {
  readonly #ports: OnRequestPorts;
  readonly #gate = new Semaphore(AT_ONCE);
  /** The newest run of each probe and vantage. */
  readonly #runs = new Map<string, { startedAt: number; answer: Promise<ProbeAnswer> }>();

  constructor(ports: OnRequestPorts) {
    this.#ports = ports;
  }

  /** Answers within the request's time. Rejects if storage fails. */
  async ask(request: ProbeRequest): Promise<ProbeAnswer> {
    const { core, kinds, now, startDeadline } = this.#ports;
    const found = findRun(core.config, kinds, request);
    if ("why" in found) return { said: "refused", why: found.why };
    if (found.kind.recheck !== "safe") return lastResult(this.#ports, found);
    const { timeoutMs } = found.plan;
    using deadline = startDeadline(timeoutMs + 2 * MARGIN_MS);
    const key = [found.target.name, found.plan.kind, found.vantage].join("\n");
    for (const [known, { startedAt }] of this.#runs) if (now() - startedAt >= REPEATED_MS) this.#runs.delete(known);
    const newest = this.#runs.get(key) ?? this.#start(key, found);
    return orLate(newest.answer, deadline.signal, BUSY);
  }

  #start(key: string, found: RunFound): { startedAt: number; answer: Promise<ProbeAnswer> } {
    const startedAt = this.#ports.now();
    const { timeoutMs } = found.plan;
    const answer = this.#gate.run(async (): Promise<ProbeAnswer> => {
      const leftMs = Math.min(timeoutMs, startedAt + timeoutMs - this.#ports.now());
      // Nobody waits for it any more.
      if (leftMs <= 0) return BUSY;
      const ran = await this.#run({ ...found, plan: { ...found.plan, timeoutMs: leftMs } });
      const isLate = ran.said === "result" && ran.result.failure?.reason === "timeout";
      // The target did not have the time that it may take.
      return isLate && leftMs < timeoutMs ? BUSY : ran;
    });
    const run = { startedAt, answer };
    this.#runs.set(key, run);
    const forget = (): void => {
      if (this.#runs.get(key) === run) this.#runs.delete(key);
    };
    // What is no result need not be repeated.
    answer.then(({ said }) => (said === "result" ? undefined : forget()), forget);
    return run;
  }

  async #run(found: RunFound): Promise<ProbeAnswer> {
    const { core, probe, now, startDeadline } = this.#ports;
    const { config } = core;
    const { target, plan, vantage } = found;
    const task: ProbeTask = {
      target,
      plan,
      vantage,
      slot: Math.floor(now() / config.gridMs) * config.gridMs,
      attempt: 0,
      role: "sole",
      memory: core.head().memories.get(target.name),
      transcript: true,
    };
    const ports = { config, probe, now, startDeadline };
    const { samples } = await collect(ports, [task], now() + plan.timeoutMs + MARGIN_MS, () => {});
    const [sample] = samples;
    if (sample === undefined)
      return { said: "no_result", why: `the prober of vantage ${vantage} did not answer in time` };
    this.#charge(sample);
    return { said: "result", result: resultOf(found, sample) };
  }

  /** Tokens that the run made the server issue count as if the schedule had issued them. */
  #charge({ target, memory }: Sample): void {
    if (memory?.tokens === undefined) return;
    const { token, tokens } = memory;
    const patch = token === undefined ? { tokens } : { token, tokens };
    this.#ports.core.record((head) => head.memories.note(target, patch, this.#ports.now()));
  }
}

const resultOf = ({ plan, isSecure, isRpc }: RunFound, sample: Sample): ProbeResult => ({
  target: sample.target,
  probe: sample.probe,
  vantage: sample.vantage,
  startedAt: sample.startedAt,
  durationMs: sample.durationMs,
  outcome: sample.outcome,
  ...(sample.failure === undefined ? {} : { failure: sample.failure }),
  steps: sample.steps,
  ...(sample.calls === undefined ? {} : { calls: sample.calls }),
  traceId: sample.traceId,
  timeoutMs: plan.timeoutMs,
  from: "run",
  isSecure,
  isRpc,
});
