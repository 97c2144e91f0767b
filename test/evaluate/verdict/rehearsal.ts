import { type Judgement, judgeProbe } from "../../../functions/evaluate/verdict/judge-probe.ts";
import type { Run } from "../../../functions/evaluate/verdict/new-votes.ts";
import { failure } from "../../../functions/model/probing/failure.ts";
import type { Offer } from "../../../functions/model/probing/offer.ts";
import type { Schedule } from "../../../functions/model/probing/probe-task.ts";
import type { Thresholds } from "../../../functions/model/probing/target.ts";
import type { VantageState, Verdict } from "../../../functions/model/probing/verdict.ts";
import { NO_VERDICT } from "./no-verdict.ts";

export const MINUTE = 60_000;
export const DEFAULTS: Thresholds = { failures: 2, outOf: 3, recoveries: 3 };

/** What vantages saw: one letter each, in the order of the vantages. */
const LETTERS: Readonly<Record<string, Run["outcome"]>> = {
  G: "ok",
  D: "degraded",
  F: "failed",
  S: "skipped",
  B: "blocked",
};

/** One probe, judged step by step. A step is a word such as `GF-`: a letter per vantage, `-` for a run that was lost. */
export class Rehearsal {
  readonly vantages: readonly string[];
  readonly schedule: Schedule;
  readonly thresholds: Thresholds;
  readonly intervalMs: number;
  verdict: Verdict = NO_VERDICT;
  vantageStates: readonly VantageState[] = [];
  suspects = new Set<string>();
  slot = 1_000 * MINUTE;

  constructor(vantages: string, of: { schedule?: Schedule; thresholds?: Thresholds; intervalMs?: number } = {}) {
    this.vantages = [...vantages];
    this.schedule = of.schedule ?? "every";
    this.thresholds = of.thresholds ?? DEFAULTS;
    this.intervalMs = of.intervalMs ?? MINUTE;
  }

  runs(word: string, attempt: number, slot = this.slot): Run[] {
    return [...word].flatMap((letter, i): Run[] => {
      const outcome = LETTERS[letter];
      const vantage = this.vantages[i];
      if (outcome === undefined || vantage === undefined) return [];
      const common = { vantage, slot, attempt, outcome };
      return [outcome === "ok" ? common : { ...common, failure: failure("timeout", false) }];
    });
  }

  judge(runs: readonly Run[], attempt: number, slot = this.slot, offer: Offer = "unasked"): Judgement {
    const judgement = judgeProbe({
      offer,
      plan: { intervalMs: this.intervalMs, thresholds: this.thresholds },
      schedule: this.schedule,
      vantages: this.vantages,
      suspects: this.suspects,
      previous: this.verdict,
      vantageStates: this.vantageStates,
      runs,
      slot,
      attempt,
    });
    this.verdict = judgement.verdict;
    this.vantageStates = judgement.vantageStates;
    return judgement;
  }

  /** The next slot's scheduled runs. */
  next(word: string): Judgement {
    this.slot += this.intervalMs;
    return this.judge(this.runs(word, 0), 0);
  }

  /** Confirmations in the same slot. */
  confirm(word: string): Judgement {
    return this.judge(this.runs(word, 1), 1);
  }

  /** Many steps, blank between slots, `+` before confirmations; the state after each, `!` where an incident is open. */
  play(script: string): string {
    return script
      .split(/\s+/)
      .map((word) => (word.startsWith("+") ? this.confirm(word.slice(1)) : this.next(word)).verdict)
      .map(({ state, incidentOpen }) => state + (incidentOpen ? "!" : ""))
      .join(" ");
  }
}
