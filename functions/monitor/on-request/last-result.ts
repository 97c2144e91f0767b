import type { Config } from "../../model/config.ts";
import { failure } from "../../model/probing/failure.ts";
import type { ProbeAnswer, ProbeResult } from "../../model/probing/probe-request.ts";
import type { Vote } from "../../model/probing/verdict.ts";
import type { Head } from "../../store/head.ts";
import type { SampleBacklog } from "../../store/history/history-backlog.ts";
import { type StoredSample, unpackSamples } from "../../store/history/sample-block.ts";
import { readVantageState, VANTAGE_STATE_FAMILY } from "../tick/verdict-columns.ts";
import type { RunFound } from "./find-run.ts";

/** Where results are kept. */
interface Kept {
  core: { config: Pick<Config, "vantages">; head(): Head };
  backlog: Pick<SampleBacklog, "blocksAt">;
  now: () => number;
}

/** The newest result of the schedule from any vantage, for a probe that runs in its own turn only. */
export function lastResult({ core, backlog, now }: Kept, { target, plan, isSecure, isRpc }: RunFound): ProbeAnswer {
  const { table } = core.head();
  const votes = core.config.vantages.flatMap((vantage) => {
    const labels = { probe: plan.kind, vantage };
    const { block, offset } = table.at(target.name, VANTAGE_STATE_FAMILY.name, labels, now());
    return readVantageState(block.values, offset, vantage).vote ?? [];
  });
  const [vote] = votes.sort((a, b) => b.slot - a.slot || b.attempt - a.attempt);
  if (vote === undefined)
    return { said: "no_result", why: `the probe ${plan.kind} runs in its own turn only, and has no result yet` };
  const stored = storedOf(backlog, target.name, plan.kind, vote);
  const result: ProbeResult = {
    target: target.name,
    probe: plan.kind,
    vantage: vote.vantage,
    startedAt: stored?.startedAt ?? vote.slot,
    ...(stored === undefined ? {} : { durationMs: stored.durationMs }),
    outcome: vote.outcome,
    ...(vote.reason === undefined ? {} : { failure: failure(vote.reason, true) }),
    steps: [],
    timeoutMs: plan.timeoutMs,
    from: "schedule",
    isSecure,
    isRpc,
  };
  return { said: "result", result };
}

/** The run of a vote, if its hour is still open. */
function storedOf(backlog: Kept["backlog"], target: string, probe: string, vote: Vote): StoredSample | undefined {
  for (const { samples } of backlog.blocksAt(vote.slot)) {
    const block = unpackSamples(samples);
    const found = block.ok
      ? block.samples.find(
          (one) =>
            one.target === target &&
            one.probe === probe &&
            one.vantage === vote.vantage &&
            one.attempt === vote.attempt,
        )
      : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
