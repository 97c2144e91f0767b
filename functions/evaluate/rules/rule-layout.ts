import { MINUTE_MS } from "../../lib/time-units.ts";
import type { AlertLabels } from "../../model/alerting/alert.ts";
import type { AnyCondition, Rule, Selector } from "../../model/alerting/rule.ts";
import type { Family } from "../../model/metric.ts";
import type { Layout } from "../../model/snapshot.ts";
import { type ColumnGroup, groupColumns } from "./group-columns.ts";
import type { Outcome } from "./outcome.ts";
import { baselineFamily, scaleOf, trackKey, windowFamily } from "./track-families.ts";

/** The numbers of one target at one evaluation. */
interface RuleInput {
  /** Of the target's series. */
  values: Float64Array;
  /** Of its windows and baselines. */
  windows: Float64Array;
  /** Epoch ms. */
  now: number;
}

/** Evaluates one group of a rule. Everything is looked up before, so that this only does arithmetic. */
export interface GroupJudge<C extends AnyCondition = AnyCondition> {
  /** `condition`: the rule's own, or with an override's threshold. */
  judge(at: RuleInput, condition: C): Outcome;
  /** The gauge itself, for kinds that learn a baseline. */
  gauge?(values: Float64Array): number;
}

/** One group of a rule in a layout. All targets with the layout share it. */
export interface RuleGroup<C extends AnyCondition = AnyCondition> extends GroupJudge<C> {
  /** The `by` labels except `target`. */
  labels: AlertLabels;
  text: string;
}

/** Offset of a column of windows; undefined if there is none. */
export type Place = (family: string, labels: string) => number | undefined;

/** A layout as seen by one rule: gives a kind the offsets of the numbers that its evaluation reads. */
export class RuleLayout {
  readonly #rule: Pick<Rule, "name" | "by">;
  readonly #layout: Layout;
  readonly #families: ReadonlyMap<string, Family>;
  readonly #place: Place;

  constructor(rule: Pick<Rule, "name" | "by">, layout: Layout, families: ReadonlyMap<string, Family>, place: Place) {
    this.#rule = rule;
    this.#layout = layout;
    this.#families = families;
    this.#place = place;
  }

  /** The selector's columns, grouped by the rule's labels. */
  groups(selector: Selector): ColumnGroup[] {
    return groupColumns(this.#layout, selector, this.#rule.by);
  }

  /** The selector's columns one by one, with their labels. */
  columns(selector: Selector): { labels: AlertLabels; offset: number }[] {
    const names = this.#families.get(selector.family)?.labels ?? [];
    return groupColumns(this.#layout, selector, names).flatMap(({ labels, offsets: [offset] }) =>
      offset === undefined ? [] : [{ labels, offset }],
    );
  }

  /** The rule's groups: one for each group of the selector's columns. */
  each<C extends AnyCondition>(selector: Selector, judgeOf: (group: ColumnGroup) => GroupJudge<C>): RuleGroup<C>[] {
    return this.groups(selector).map((group) => ({ labels: group.labels, text: group.text, ...judgeOf(group) }));
  }

  /** Bucket bounds of the selector's histogram. */
  bucketsOf({ family: name }: Selector): readonly number[] {
    const family = this.#families.get(name);
    if (family?.type !== "histogram") throw new TypeError(`${name} is not a histogram`);
    return family.buckets;
  }

  /** Offset of a group's window. The kind must track the selector over this window. */
  windowAt(selector: Selector, group: ColumnGroup, windowMs: number): number | undefined {
    return this.#place(windowFamily(trackKey(selector, this.#rule.by), Math.round(windowMs / MINUTE_MS)), group.text);
  }

  /** Reads a window: the increase of a counter, or the value of a gauge before it. NaN if the window is not kept. */
  windowOf(selector: Selector, group: ColumnGroup, windowMs: number): (windows: Float64Array) => number {
    const offset = this.windowAt(selector, group, windowMs);
    const family = this.#families.get(selector.family);
    if (offset === undefined || family === undefined) return () => Number.NaN;
    const scale = scaleOf(family);
    return (windows) => (windows[offset] as number) / scale;
  }

  /** Offset of a group's baseline: mean, variance, samples. */
  baselineAt(group: ColumnGroup): number | undefined {
    return this.#place(baselineFamily(this.#rule.name), group.text);
  }
}
