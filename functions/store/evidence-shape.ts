import { type Evidence, MAX_EVIDENCE_TEXT, MAX_STEPS } from "../model/alerting/evidence.ts";
import { reasons } from "../model/probing/failure.ts";
import { count, flag, list, maybe, number, object, oneOf, type Shape, text, time } from "./shape.ts";

const short: Shape<string> = (value): value is string => text(value) && value.length <= MAX_EVIDENCE_TEXT;

const steps = list(
  object({
    probe: short,
    step: maybe(short),
    reason: oneOf(...reasons),
    message: maybe(short),
    httpStatus: maybe(number),
    hint: maybe(short),
    said: maybe(short),
  }),
);

/** The stored form of an alert's evidence. */
export const isEvidence: Shape<Evidence> = (value): value is Evidence =>
  evidence(value) && value.steps.length <= MAX_STEPS;

const evidence: Shape<Evidence> = object({
  cause: maybe(short),
  runs: maybe(object({ failed: count, outOf: count, confirmed: flag })),
  steps,
  vantages: list(short),
  outOf: count,
  lastSuccessAt: maybe(time),
  traceId: maybe(short),
});
