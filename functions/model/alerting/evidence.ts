import type { Reason } from "../probing/failure.ts";

/** A step that failed; without a step's name, the run as a whole. */
export interface FailedStep {
  probe: string;
  step?: string;
  reason: Reason;
  /** Our words, where they say more than the reason does. */
  message?: string;
  httpStatus?: number;
  hint?: string;
  /** The server's own words: one clean line without secrets. For receivers only, never on a public page. */
  said?: string;
}

/**
 * What an alert rests on: facts of its own probes' runs, taken when it began. Later runs of the same probes add to it,
 * nothing else does.
 */
export interface Evidence {
  /** The probe that opened the incident, for alerts about one. */
  cause?: string;
  /** How the verdict came about: failing evaluations among the last ones, and whether a confirmation was among them. */
  runs?: { failed: number; outOf: number; confirmed: boolean };
  /** In the order in which they were found, at most `MAX_STEPS`. */
  steps: readonly FailedStep[];
  /** Vantages that saw it, out of how many. */
  vantages: readonly string[];
  outOf: number;
  /** When a run of these probes was good last before the alert began, epoch ms; absent: none is known. */
  lastSuccessAt?: number;
  /** W3C trace id of the first run that failed. */
  traceId?: string;
}

/** Steps beyond these are not kept. */
export const MAX_STEPS = 8;

/** The most characters of one text in it. */
export const MAX_EVIDENCE_TEXT = 300;

const keyOf = ({ probe, step, reason, httpStatus }: FailedStep): string => [probe, step, reason, httpStatus].join("\n");

/** Steps without repetitions, the first of each. */
export function distinctSteps(steps: readonly FailedStep[]): FailedStep[] {
  const known = new Map<string, FailedStep>();
  for (const step of steps) if (!known.has(keyOf(step))) known.set(keyOf(step), step);
  return [...known.values()].slice(0, MAX_STEPS);
}

/** The evidence with what later runs of its probes found; the same object where that is nothing new. */
export function addEvidence(evidence: Evidence, later: Evidence): Evidence {
  const steps = distinctSteps([...evidence.steps, ...later.steps]);
  const vantages = [...new Set([...evidence.vantages, ...later.vantages])];
  if (steps.length === evidence.steps.length && vantages.length === evidence.vantages.length) return evidence;
  return { ...evidence, steps, vantages, outOf: Math.max(evidence.outOf, later.outOf) };
}
