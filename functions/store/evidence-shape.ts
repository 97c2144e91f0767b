import { MAX_EVIDENCE_TEXT, MAX_STEPS } from "../model/alerting/evidence.ts";
import { reasons } from "../model/probing/failure.ts";
import { count, flag, list, maybe, number, object, oneOf, type Shape, text, time } from "./shape.ts";

const short: Shape = (value) => text(value) && (value as string).length <= MAX_EVIDENCE_TEXT;

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
export const isEvidence: Shape = (value) => shape(value) && (value as { steps: unknown[] }).steps.length <= MAX_STEPS;

const shape = object({
  cause: maybe(short),
  runs: maybe(object({ failed: count, outOf: count, confirmed: flag })),
  steps,
  vantages: list(short),
  outOf: count,
  lastSuccessAt: maybe(time),
  traceId: maybe(short),
});
