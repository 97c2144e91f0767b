import * as z from "zod";
import type { Family } from "../model/metric.ts";
import { type Condition, MAX_WINDOW_MS } from "../model/rule.ts";
import { formatDuration } from "./duration.ts";
import { durationText, durationWithin, optional, required, wholeNumber } from "./leaf.ts";
import { age, objective, positive } from "./rule-number.ts";
import { selectorText } from "./selector.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What the document says of one kind of condition. */
export interface ConditionKind {
  /** One sentence: when such a rule holds. */
  doc: string;
  /** Its own keys, beside those that every rule has. */
  keys: z.ZodRawShape;
  /** The keys that select series, with the type that their metric must have. */
  reads: Readonly<Record<string, Family["type"]>>;
  /** The condition of a section that was read without an issue. */
  make(found: unknown): Condition;
}

const kind = <S extends z.ZodRawShape>(
  doc: string,
  reads: ConditionKind["reads"],
  keys: S,
  make: (found: z.output<z.ZodObject<S>>) => Condition,
): ConditionKind => ({ doc, reads, keys, make: (found) => make(found as z.output<z.ZodObject<S>>) });

/** A window over which Monitors keep what was counted: whole minutes. */
export const windowText = durationText((ms) => {
  if (ms < MINUTE_MS) return "is too short; give at least 1m";
  if (ms > MAX_WINDOW_MS) return `is too long; give at most ${formatDuration(MAX_WINDOW_MS)}`;
  if (ms % MINUTE_MS === 0) return undefined;
  const below = ms - (ms % MINUTE_MS);
  return `is no whole number of minutes; give ${formatDuration(below)} or ${formatDuration(below + MINUTE_MS)}`;
});

const NOT_A_COMPARISON = 'is no comparison; write ">", ">=", "<" or "<=", in quotes';
const op = optional(z.enum([">", ">=", "<", "<="], { error: NOT_A_COMPARISON }), {
  description: "How it is compared with the number.",
  default: ">",
});
const value = required(z.number(), { description: "The number it is compared with, in the base unit.", example: 10 });
const window = required(windowText, { description: "Window that is looked back on: whole minutes.", example: "15m" });
const minCount = optional(wholeNumber(1, 1_000_000), {
  description: "Below so many in the window nothing is known.",
  default: 1,
});
const selects = (description: string, example: string) => required(selectorText, { description, example });

const numerator = (example: string) => selects("What is counted or measured.", example);
const denominator = (example: string) => selects("What it is a part of; at 0 nothing is said.", example);

const burnRow = z.strictObject({
  long: required(windowText, { description: "The long window.", example: "1h" }),
  short: required(windowText, { description: "The short window, which ends an alert soon.", example: "5m" }),
  factor: required(positive, { description: "How many times the budget.", example: 14.4 }),
  min_failures: optional(wholeNumber(1, 1_000_000), {
    description: "Least failures in the long window.",
    default: 1,
  }),
});

/** Kinds of conditions that a rule of one's own can have. Their sections share the keys of `rules-section.ts`. */
export const CONDITION_KINDS: Readonly<Record<Condition["kind"], ConditionKind>> = {
  threshold: kind(
    "A gauge is beyond a number.",
    { metric: "gauge" },
    {
      metric: selects("The gauge.", "zako_watch_history_backlog_slots"),
      aggregate: optional(z.enum(["max", "min", "sum", "avg"]), {
        description: "How series of one group are joined. None: the worst, `max` for > and `min` for <.",
        example: "max",
      }),
      op,
      value,
    },
    ({ metric, aggregate, op = ">", value }) => ({
      kind: "threshold",
      metric,
      aggregate: aggregate ?? (op.startsWith("<") ? "min" : "max"),
      op,
      value,
    }),
  ),
  quotient: kind(
    "One gauge over another is beyond a number.",
    { numerator: "gauge", denominator: "gauge" },
    {
      numerator: numerator("zako_v1_worker_active_threads"),
      denominator: denominator("zako_v1_worker_max_threads"),
      op,
      value,
    },
    ({ op = ">", ...found }) => ({ kind: "quotient", ...found, op }),
  ),
  ratio: kind(
    "One counter's growth over that of another is beyond a number.",
    { numerator: "counter", denominator: "counter" },
    {
      numerator: numerator("zako_v1_probe_failures_total"),
      denominator: denominator("zako_v1_probe_attempts_total"),
      window,
      op,
      value,
      min_count: minCount,
    },
    ({ numerator, denominator, window: windowMs, op = ">", value, min_count: minCount = 1 }) => ({
      kind: "ratio",
      numerator,
      denominator,
      windowMs,
      op,
      value,
      minCount,
    }),
  ),
  quantile: kind(
    "A quantile of a histogram's observations in the window is beyond a number.",
    { histogram: "histogram" },
    {
      histogram: selects("The histogram, without `_bucket`.", "zako_v1_probe_duration_seconds"),
      quantile: required(z.number().min(0).max(1), { description: "Which quantile, 0 to 1.", example: 0.95 }),
      window,
      op,
      value,
      min_count: minCount,
    },
    ({ histogram, quantile, window: windowMs, op = ">", value, min_count: minCount = 1 }) => ({
      kind: "quantile",
      histogram,
      quantile,
      windowMs,
      op,
      value,
      minCount,
    }),
  ),
  growth: kind(
    "A gauge has grown over the window by more than a number.",
    { gauge: "gauge" },
    {
      gauge: selects("The gauge.", "zako_v1_worker_queue_length"),
      window,
      op,
      value,
      floor: optional(z.number(), { description: "It says nothing up to here.", default: 0 }),
    },
    ({ gauge, window: windowMs, op = ">", value, floor = 0 }) => ({
      kind: "growth",
      gauge,
      windowMs,
      op,
      value,
      floor,
    }),
  ),
  rate: kind(
    "A counter has grown within the window by more than a number.",
    { counter: "counter" },
    { counter: selects("The counter.", "zako_v1_probe_retries_total"), window, op, value },
    ({ counter, window: windowMs, op = ">", value }) => ({ kind: "rate", counter, windowMs, op, value }),
  ),
  anomaly: kind(
    "A gauge is far from its own usual value.",
    { metric: "gauge" },
    {
      metric: selects("The gauge.", "zako_v1_cas_active_connections"),
      baseline: optional(durationWithin(10 * MINUTE_MS, 30 * DAY_MS), {
        description: "Time over which what is usual is learnt.",
        default: "1d",
      }),
      deviations: optional(positive, { description: "How many deviations are far.", default: 4 }),
      min_samples: optional(wholeNumber(2, 100_000), {
        description: "Minutes to learn before anything is said.",
        default: 60,
      }),
    },
    ({ metric, baseline: baselineMs = DAY_MS, deviations = 4, min_samples: minSamples = 60 }) => ({
      kind: "anomaly",
      metric,
      baselineMs,
      deviations,
      minSamples,
    }),
  ),
  burn: kind(
    "An error budget burns too fast, in a long and a short window.",
    { errors: "counter", total: "counter" },
    {
      errors: selects("What failed.", "zako_v1_probe_failures_total"),
      total: selects("All there was.", "zako_v1_probe_attempts_total"),
      objective: required(objective, { description: "Share that must be good.", example: 0.995 }),
      windows: required(z.array(burnRow), {
        description: "Windows; the rule holds where any row does.",
        example: [{ long: "1h", short: "5m", factor: 14.4, min_failures: 3 }],
      }),
    },
    ({ errors, total, objective, windows }) => ({
      kind: "burn",
      errors,
      total,
      objective,
      windows: windows.map(({ long: longMs, short: shortMs, factor, min_failures: minFailures = 1 }) => ({
        longMs,
        shortMs,
        factor,
        minFailures,
      })),
    }),
  ),
  staleness: kind(
    "The newest of some timestamps is too old.",
    { timestamp: "gauge" },
    {
      timestamp: selects("A `_timestamp_seconds` gauge.", "zako_v1_probe_last_success_timestamp_seconds"),
      older_than: required(age, { description: "How old is too old.", example: "30m" }),
    },
    ({ timestamp, older_than: olderThanMs }) => ({ kind: "staleness", timestamp, olderThanMs }),
  ),
  verdict: kind(
    "A target or probe is believed to be in a state.",
    {},
    {
      of: optional(z.enum(["target", "probe"]), { description: "Whose verdict.", default: "target" }),
      state: required(z.enum(["down", "regional", "degraded", "unknown"]), {
        description: "The state: `down`, `regional`, `degraded` or `unknown`.",
        example: "down",
      }),
    },
    ({ of = "target", state }) => ({ kind: "verdict", of, state }),
  ),
};

/** The names of the kinds, in the order of the documentation. */
export const CONDITION_NAMES = Object.keys(CONDITION_KINDS) as Condition["kind"][];
