import { type BoundRule, bindRule } from "../../evaluate/rules/bind-rule.ts";
import { baselineOf } from "../../evaluate/rules/condition.ts";
import { type ColumnGroup, groupColumns, targetMatchers } from "../../evaluate/rules/group-columns.ts";
import { addressFamily, baselineFamily, windowFamily } from "../../evaluate/rules/track-families.ts";
import type { Track } from "../../evaluate/rules/tracks.ts";
import { matchesAll } from "../../model/alerting/matches.ts";
import type { Rule } from "../../model/alerting/rule.ts";
import type { Family, Labels } from "../../model/metric.ts";
import type { Layout } from "../../model/snapshot.ts";
import { columnKey, type IndexedLayout, type PrivateFamily } from "../../store/series/series-layout.ts";

/** Count of numbers in a baseline: mean, variance, samples. */
const BASELINE_WIDTH = 3;

/** A group of a track in a layout. */
export interface BoundTrack {
  track: Track;
  group: ColumnGroup;
  /** Offset of its numbers in the block's `last`. */
  start: number;
  /** Offset of its first number's address in the windows. */
  addressAt: number;
  /** Offset of each of the track's windows. */
  windowsAt: readonly number[];
}

/** Everything needed for targets of one layout. */
export interface RulePlan {
  tracks: readonly BoundTrack[];
  /** Count of numbers in all tracks. */
  cells: number;
  rules: readonly BoundRule[];
}

/** Makes plans for layouts. Targets with equal layouts share one. */
export class RulePlanner {
  readonly rules: readonly Rule[];
  readonly tracks: readonly Track[];
  readonly #families: ReadonlyMap<string, Family>;
  readonly #groups = new WeakMap<Layout, { name: string; labels: Labels; target: (target: string) => boolean }[]>();
  readonly #plans = new WeakMap<Layout, WeakMap<Layout, RulePlan>>();

  constructor(rules: readonly Rule[], tracks: readonly Track[], families: ReadonlyMap<string, Family>) {
    this.rules = rules;
    this.tracks = tracks;
    this.#families = families;
  }

  /** Families of the columns of windows and baselines. */
  privateFamilies(): PrivateFamily[] {
    return [
      ...this.tracks.flatMap(({ key, by, cells, windows }): PrivateFamily[] => [
        { name: addressFamily(key), labels: by, width: 1 },
        ...windows.map((minutes) => ({ name: windowFamily(key, minutes), labels: by, width: cells })),
      ]),
      ...this.rules
        .filter((rule) => baselineOf(rule.condition) !== undefined)
        .map((rule) => ({ name: baselineFamily(rule.name), labels: rule.by, width: BASELINE_WIDTH })),
    ];
  }

  /** Columns that a target of this layout needs for its windows and baselines. */
  columns(layout: Layout, target: string): { family: string; labels: Labels }[] {
    let all = this.#groups.get(layout);
    if (all === undefined) {
      all = [
        ...this.tracks.flatMap((track) =>
          groupColumns(layout, track.selector, track.by).flatMap(({ labels }) =>
            [addressFamily(track.key), ...track.windows.map((w) => windowFamily(track.key, w))].map((name) => ({
              name,
              labels,
              target: (t: string) => matchesAll(targetMatchers(track.selector), { target: t }),
            })),
          ),
        ),
        ...this.rules.flatMap((rule) => {
          const learnt = baselineOf(rule.condition);
          if (learnt === undefined) return [];
          return groupColumns(layout, learnt.metric, rule.by).map(({ labels }) => ({
            name: baselineFamily(rule.name),
            labels,
            target: (t: string) => matchesAll(targetMatchers(learnt.metric), { target: t }),
          }));
        }),
      ];
      this.#groups.set(layout, all);
    }
    return all.filter((c) => c.target(target)).map((c) => ({ family: c.name, labels: c.labels }));
  }

  /** The plan for series with `layout` and windows with the layout `windows`. */
  plan(layout: Layout, windows: IndexedLayout): RulePlan {
    const ofLayout = this.#plans.get(layout) ?? new WeakMap<Layout, RulePlan>();
    this.#plans.set(layout, ofLayout);
    const plan = ofLayout.get(windows) ?? this.#make(layout, windows);
    ofLayout.set(windows, plan);
    return plan;
  }

  #make(layout: Layout, windows: IndexedLayout): RulePlan {
    const place = (family: string, labels: string): number | undefined => {
      const index = windows.find(columnKey(family, labels));
      return index === undefined ? undefined : windows.columns[index]?.offset;
    };
    const tracks: BoundTrack[] = [];
    let cells = 0;
    for (const track of this.tracks)
      for (const group of groupColumns(layout, track.selector, track.by)) {
        const addressAt = place(addressFamily(track.key), group.text);
        const windowsAt = track.windows.map((w) => place(windowFamily(track.key, w), group.text));
        // A target that the selector does not match has no such columns.
        if (addressAt === undefined || !windowsAt.every((at) => at !== undefined)) continue;
        tracks.push({ track, group, start: cells, addressAt, windowsAt });
        cells += track.cells;
      }
    return { tracks, cells, rules: this.rules.map((rule) => bindRule(rule, layout, this.#families, place)) };
  }
}
