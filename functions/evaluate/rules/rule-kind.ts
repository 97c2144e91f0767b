import type * as z from "zod";
import type { AnyCondition, Selector } from "../../model/alerting/rule.ts";
import type { Family } from "../../model/metric.ts";
import type { Seen } from "./alert-state.ts";
import type { PromqlTerms } from "./promql-terms.ts";
import type { RuleGroup, RuleLayout } from "./rule-layout.ts";

/** Series that a condition reads, and the type that their family must have. */
export interface SeriesRead {
  selector: Selector;
  type: Family["type"];
}

/** Series that are followed over time, and over which windows (ms). */
export interface SeriesFollowed {
  selector: Selector;
  windowsMs: readonly number[];
}

/** The number of a condition that overrides may replace. */
export interface RuleNumber<C extends AnyCondition = AnyCondition> {
  /** Its key among those of the kind. */
  key: string;
  /** What it is, for documentation: goes on from "Its number: ". */
  doc: string;
  /** As users write it; read in the unit of the model. */
  schema: z.ZodType<number>;
  /** The number as users write it. */
  text(condition: C): string;
  /** The condition with another number. */
  replace(condition: C, number: number): C;
  /** Why the condition could never hold with its number, if so: a predicate of the number. */
  problem?(condition: C): string | undefined;
}

/** What a gauge's usual value is learnt from. */
export interface BaselineSource {
  metric: Selector;
  baselineMs: number;
  /** Values further away than so many deviations are learnt as if they lay just there. */
  deviations: number;
  /** So many values must be learnt before anything is said. */
  minSamples: number;
}

/** What rules of a kind are about, where none of its keys selects a metric. */
export interface Subject {
  /** What it is called in messages. */
  name: string;
  /** The type of the metric that shows it. */
  type: Family["type"];
  /** The labels it has, which are also those that tell alerts apart where none are named. */
  labels: readonly string[];
  /** Labels that `by` must not leave out, with the rest of the sentence that says so. */
  kept: Readonly<Record<string, string>>;
}

/** Something wrong with a condition whose keys are each right; `path` begins at its keys. */
interface ConditionProblem {
  path: readonly (string | number)[];
  message: string;
}

/** Numbers of one target at 2,000,000,000 s, and what the example says of them. What is not given has no value. */
interface ExampleOutcome {
  seen: Seen;
  /** Present values by family; of a set of states one number, the index of the state. */
  now?: Readonly<Record<string, number>>;
  /** By family, for each window that is followed: one number, or of a histogram one for each bucket. */
  within?: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** What was learnt of its gauge. */
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
 * A kind of rule: everything that the rest of the house needs to know of it. All methods are pure. `Keys`: what its keys
 * are read with.
 */
export interface RuleKind<C extends AnyCondition = AnyCondition, Keys extends z.ZodRawShape = z.ZodRawShape> {
  kind: C["kind"];
  /** One sentence for the documentation: when such a rule holds. */
  doc: string;
  /** Its own keys in `watch.yaml`, with descriptions, defaults or examples; every rule has further ones. */
  keys: Keys;
  /** Those of its keys that select series, with the type that their family must have. */
  selects: Readonly<Record<string, Family["type"]>>;
  /** What it is about where no key says so; `found`: its keys, as far as they could be read. */
  subject?(found: Readonly<Record<string, unknown>>): Subject;
  /** The condition of keys that are all right. */
  make(found: z.output<z.ZodObject<Keys>>): C;
  /** What is wrong with a condition beside its number. */
  problems?(condition: C): readonly ConditionProblem[];
  /** Absent: overrides cannot change a number. */
  number?: RuleNumber<C>;
  /** Everything that it reads, the main series first. */
  reads(condition: C): readonly SeriesRead[];
  /** What it reads over windows. Absent: present values are all that it needs. */
  follows?(condition: C): readonly SeriesFollowed[];
  /** Absent: it learns nothing. */
  baseline?(condition: C): BaselineSource;
  /** Finds everything that an evaluation reads in a layout, once; every group's `judge` then only does arithmetic. */
  bind(condition: C, layout: RuleLayout): RuleGroup<C>[];
  /** The condition as an expression, which must say what `bind` says. */
  promql(condition: C, terms: PromqlTerms): string;
  example: RuleExample<C>;
}
