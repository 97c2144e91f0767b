import { exposedSeries } from "../config/exposed-series.ts";
import type { Config } from "../model/config.ts";
import type { Exposed } from "../model/exposed.ts";
import { blockBytes, layoutSize, type TextSize, targetLabelBytes } from "../model/exposed-size.ts";
import type { Family } from "../model/metric.ts";
import { EXEMPLAR_FAMILY, type Layout, type Snapshot } from "../model/snapshot.ts";
import { type NarrowLayout, narrowLayout, packSnapshot, type WireSnapshot } from "../model/snapshot-wire.ts";

/** A part of a Monitor's numbers. */
export interface NumbersAsked {
  /** Only these targets, and not the prober's own series. Absent: all. */
  targets?: readonly string[];
  /** All series of these families, whatever `metrics.detail` says. Absent: those that are shown. */
  families?: readonly string[];
}

/** What `/metrics` would show: its version, and the most bytes that its text can have. */
export interface ExposedState {
  version: string;
  mostBytes: number;
}

/** Numbers of a Monitor as `/metrics` shows them, under one configuration. */
export class ExposedNumbers {
  readonly #exposed: Exposed;
  readonly #families: ReadonlyMap<string, Family>;
  readonly #created: boolean;
  readonly #narrow = new WeakMap<Layout, NarrowLayout>();
  readonly #sizes = new WeakMap<NarrowLayout, TextSize>();

  constructor(config: Pick<Config, "metrics" | "rules" | "targets">, families: readonly Family[]) {
    this.#exposed = exposedSeries(config, families);
    this.#families = new Map(families.map((family) => [family.name, family]));
    this.#created = config.metrics.created;
  }

  state(snapshot: Snapshot, asked: NumbersAsked): ExposedState {
    const { blocks, narrow, bounds } = this.#select(snapshot, asked);
    const mostBytes = blocks.reduce((sum, { target, layout }) => {
      const narrowed = narrow(layout);
      let size = this.#sizes.get(narrowed);
      if (size === undefined) {
        size = layoutSize(narrowed.layout, this.#families, bounds, this.#created);
        this.#sizes.set(narrowed, size);
      }
      return sum + blockBytes(size, targetLabelBytes(target));
    }, 0);
    return { version: snapshot.version, mostBytes };
  }

  /** `known` is the structure that the reader has; a part always comes with its names. */
  pack(snapshot: Snapshot, structure: string, asked: NumbersAsked, known: string | undefined): WireSnapshot {
    const isPart = asked.targets !== undefined || asked.families !== undefined;
    return packSnapshot(
      { version: snapshot.version, structure, ...this.#select(snapshot, asked) },
      isPart ? undefined : known,
    );
  }

  #select(
    { blocks: all }: Snapshot,
    { targets, families }: NumbersAsked,
  ): { blocks: Snapshot["blocks"]; narrow: (layout: Layout) => NarrowLayout; bounds: Exposed["bounds"] } {
    const blocks = targets === undefined ? all : all.filter(({ target }) => targets.includes(target));
    if (families === undefined)
      return { blocks, narrow: (layout) => this.#shown(layout), bounds: this.#exposed.bounds };
    const wanted = new Set(families);
    const known = new Map<Layout, NarrowLayout>();
    const narrow = (layout: Layout): NarrowLayout => {
      const narrowed =
        known.get(layout) ?? narrowLayout(layout, ({ family }) => wanted.has(family) || isExemplar(family));
      known.set(layout, narrowed);
      return narrowed;
    };
    return { blocks, narrow, bounds: {} };
  }

  #shown(layout: Layout): NarrowLayout {
    let narrowed = this.#narrow.get(layout);
    if (narrowed === undefined) {
      narrowed = narrowLayout(layout, ({ family, labels }) =>
        family.startsWith("~") ? isExemplar(family) : this.#exposed.shows(family, labels),
      );
      this.#narrow.set(layout, narrowed);
    }
    return narrowed;
  }
}

const isExemplar = (family: string): boolean => family === EXEMPLAR_FAMILY;
