import * as z from "zod";
import { formatDuration } from "../../lib/duration.ts";
import { durationText, durationWithin, optional, wholeNumber } from "../../lib/leaf.ts";
import { DAY_MS } from "../../lib/time-units.ts";
import type { ProbePlan, Thresholds } from "../../model/probing/target.ts";
import type { ProbeKind } from "../../probe/kind.ts";
import { FINEST_GRID_MS } from "./grid.ts";

/** A probe must have ended before the Monitor's own deadline within its minute. */
const LONGEST_TIMEOUT_MS = 55_000;
/** `Verdict.ring` keeps so many evaluated attempts. */
const RING_LENGTH = 16;

/** Shortest time between two rechecks. */
const SHORTEST_RECHECK_MS = 5_000;
/** Time between runs of a failing probe by default, ms: in a deployment, and in a local run. */
export const DEFAULT_RECHECK_MS = { deployed: 15_000, local: 10_000 } as const;

const intervalText = durationText((ms) => {
  if (ms < FINEST_GRID_MS) return `is too short; give at least ${formatDuration(FINEST_GRID_MS)}`;
  if (ms > DAY_MS) return `is too long; give at most ${formatDuration(DAY_MS)}`;
  if (ms % FINEST_GRID_MS === 0) return undefined;
  const below = ms - (ms % FINEST_GRID_MS);
  return `is not a multiple of 10s; give ${formatDuration(below)} or ${formatDuration(below + FINEST_GRID_MS)}`;
});
const timeoutText = durationWithin(1, LONGEST_TIMEOUT_MS);

/** A key that every section of a probe has: how it is read, what documentation says of it, and where it is in a plan. */
interface PlanKey<S extends z.ZodType = z.ZodType, Field extends string = string> {
  schema: S;
  description: string;
  /** What holds where nobody says it; a function: by kind. Absent: nothing, and `example` is shown. */
  default?: z.output<S> | ((defaults: ProbeKind["defaults"]) => z.output<S>);
  example?: unknown;
  /** The default as users write it. */
  text?: (value: z.output<S>) => string;
  /** Its name in the plan. */
  field: Field;
}

const planKey = <S extends z.ZodType>(key: PlanKey<S, keyof ProbePlan>) => key;
const thresholdKey = <S extends z.ZodType>(key: PlanKey<S, keyof Thresholds>) => key;

/** The keys of a section that are in every plan, each written once: schema, documentation, default and plan follow. */
export const PLAN_KEYS = {
  interval: planKey({
    schema: intervalText,
    description: "Time between runs, a multiple of 10s.",
    default: ({ intervalMs }) => intervalMs,
    text: formatDuration,
    field: "intervalMs",
  }),
  timeout: planKey({
    schema: timeoutText,
    description:
      "Deadline of one run: below the interval, at most 55s. The default leaves room for a confirmation in the same slot: at most 27s, or 4500ms if any interval is not a whole minute.",
    default: ({ timeoutMs }) => timeoutMs,
    text: formatDuration,
    field: "timeoutMs",
  }),
  recheck: planKey({
    schema: durationWithin(SHORTEST_RECHECK_MS, DAY_MS),
    description:
      "Time between runs while the probe fails, if it may be repeated: at least the timeout. A value above the interval changes nothing. Default: 15s (10s under `npm start`), or the timeout if that is longer.",
    example: "20s",
    field: "recheckMs",
  }),
  degraded_after: planKey({
    schema: timeoutText,
    description: "A successful run that takes longer counts as degraded. Must be below the timeout. Default: never.",
    example: "2s",
    field: "degradedAfterMs",
  }),
  critical: planKey({
    schema: z.boolean(),
    description: "Whether this probe alone can make the target down.",
    default: ({ critical }) => critical,
    field: "critical",
  }),
};

/** The keys below `thresholds`. */
export const THRESHOLD_KEYS = {
  failures: thresholdKey({
    schema: wholeNumber(1, RING_LENGTH),
    description: "Number of failed runs, out of the last `out_of`, after which the probe is down.",
    default: 2,
    field: "failures",
  }),
  out_of: thresholdKey({
    schema: wholeNumber(1, RING_LENGTH),
    description: "Number of last evaluated runs to look at.",
    default: 3,
    field: "outOf",
  }),
  recoveries: thresholdKey({
    schema: wholeNumber(1, RING_LENGTH),
    description: "Number of successful runs in a row that close an incident.",
    default: 3,
    field: "recoveries",
  }),
};

type Keys = Readonly<Record<string, PlanKey>>;
/** Values by key; undefined where there is no default. */
export type Values<K extends Keys> = { [Name in keyof K]: z.output<K[Name]["schema"]> | undefined };

/** What holds for a kind where nobody says anything. */
export function defaultsOf<K extends Keys>(keys: K, defaults?: ProbeKind["defaults"]): Values<K> {
  const entries = Object.entries(keys).map(([name, { default: given }]) => [
    name,
    typeof given === "function" ? given(defaults) : given,
  ]);
  return Object.fromEntries(entries) as Values<K>;
}

/** The keys as a section of `watch.yaml` declares them. */
export function shapeOf<K extends Keys>(
  keys: K,
  defaults?: ProbeKind["defaults"],
): { [Name in keyof K]: z.ZodOptional<K[Name]["schema"]> } {
  const values: Readonly<Record<string, unknown>> = defaultsOf(keys, defaults);
  const entries = Object.entries(keys).map(([name, { schema, description, text, example }]) => {
    const value = values[name];
    const shown = value === undefined ? { example } : { default: text === undefined ? value : text(value) };
    return [name, optional(schema, { description, ...shown })];
  });
  return Object.fromEntries(entries) as { [Name in keyof K]: z.ZodOptional<K[Name]["schema"]> };
}

/** Values under their names in the plan; what is undefined is left out. */
export const planned = <Part>(keys: Keys, values: Readonly<Record<string, unknown>>): Part =>
  Object.fromEntries(
    Object.entries(keys).flatMap(([name, { field }]) => (values[name] === undefined ? [] : [[field, values[name]]])),
  ) as Part;
