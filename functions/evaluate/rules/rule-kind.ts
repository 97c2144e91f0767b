import type * as z from "zod";
import type { AnyCondition, Selector } from "../../model/alerting/rule.ts";
import type { Family } from "../../model/metric.ts";
import type { Seen } from "./alert-state.ts";
import type { PromqlTerms } from "./promql-terms.ts";
import type { RuleGroup, RuleLayout } from "./rule-layout.ts";

/** Series that a condition reads, and the required type of their family. */
export interface SeriesRead {
  selector: Selector;
  type: Family["type"];
}

/** Series that are tracked over windows (ms). */
export interface SeriesFollowed {
  selector: Selector;
  windowsMs: readonly number[];
}

/** The threshold of a condition, which overrides may replace. */
export interface RuleThreshold<C extends AnyCondition = AnyCondition> {
  /** Its key in the kind's section. */
  key: string;
  /** What it is, for documentation; continues a sentence. */
  doc: string;
  /** Parses what users write into the unit of the model. */
  schema: z.ZodType<number>;
  /** The threshold as users write it. */
  text(condition: C): string;
  /** The condition with another threshold. */
  replace(condition: C, number: number): C;
  /** Why the condition could never hold with its threshold, as a predicate; undefined if it could. */
  problem?(condition: C): string | undefined;
}

/** How a gauge's baseline is learnt. */
export interface BaselineSource {
  metric: Selector;
  baselineMs: number;
  /** Values further away than this many deviations are clamped before learning. */
  deviations: number;
  /** Number of values to learn before the rule is evaluated. */
  minSamples: number;
}

/** The subject of a kind without a key that selects a metric. */
export interface Subject {
  /** Its name in messages. */
  name: string;
  /** Type of the metric that exposes it. */
  type: Family["type"];
  /** Its labels, which are also the default of `by`. */
  labels: readonly string[];
  /** Labels that `by` must include, with the rest of the error message. */
  kept: Readonly<Record<string, string>>;
}

/** Something wrong with a condition whose keys are each right; `path` begins at its keys. */
export interface ConditionProblem {
  path: readonly (string | number)[];
  message: string;
}

/** Numbers of one target at 2,000,000,000 s, and what the example says of them. What is not given has no value. */
interface ExampleOutcome {
  seen: Seen;
  /** Current values by family; for a stateset, the index of the state. */
  now?: Readonly<Record<string, number>>;
  /** By family, for each tracked window: one number, or one per bucket of a histogram. */
  within?: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** The learnt baseline of its gauge. */
  baseline?: { mean: number; variance: number; samples: number };
}

/** A condition of a kind over metrics that targets have, and what it says of some numbers. */
interface RuleExample<C extends AnyCondition = AnyCondition> {
  /** Its keys where they are other than their own examples in the documentation. */
  keys?: Readonly<Record<string, unknown>>;
  condition: C;
  outcomes: readonly ExampleOutcome[];
}

/**
 * A kind of rule: everything that the rest of the code needs to know about it. All methods are pure. `Keys`: the schemas of
 * its keys.
 */
export interface RuleKind<C extends AnyCondition = AnyCondition, Keys extends z.ZodRawShape = z.ZodRawShape> {
  kind: C["kind"];
  /** One sentence for the documentation: when the rule holds. */
  doc: string;
  /** Its own keys in `watch.yaml`, with descriptions, defaults or examples, in addition to those of every rule. */
  keys: Keys;
  /** Keys that select series, with the required type of their family. */
  selects: Readonly<Record<string, Family["type"]>>;
  /** Its subject, if no key selects one; `found`: its keys, as far as they could be parsed. */
  subject?(found: Readonly<Record<string, unknown>>): Subject;
  /** Makes the condition from valid keys. */
  make(found: z.output<z.ZodObject<Keys>>): C;
  /** Problems of a condition other than its threshold. */
  problems?(condition: C): readonly ConditionProblem[];
  /** Absent: there is no threshold that overrides can change. */
  number?: RuleThreshold<C>;
  /** Everything that it reads, main series first. */
  reads(condition: C): readonly SeriesRead[];
  /**
   * For kinds that read a histogram: how an evaluation comes out does not depend on how values below the bucket of this
   * number are spread over buckets. Absent: all buckets matter.
   */
  bucketsFrom?(condition: C): number;
  /** What it reads over windows. Absent: it only needs current values. */
  follows?(condition: C): readonly SeriesFollowed[];
  /** Absent: it learns nothing. */
  baseline?(condition: C): BaselineSource;
  /** Looks up everything that an evaluation reads in a layout once; every group's `judge` then only does arithmetic. */
  bind(condition: C, layout: RuleLayout): RuleGroup<C>[];
  /** The condition as an expression. It must be equivalent to `bind`. */
  promql(condition: C, terms: PromqlTerms): string;
  example: RuleExample<C>;
}
