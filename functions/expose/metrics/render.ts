import { escapeLabelValue } from "../../lib/label-escape.ts";
import { blockBytes, layoutSize, type TextSize } from "../../model/exposed-size.ts";
import type { Family } from "../../model/metric.ts";
import type { Layout, Snapshot } from "../../model/snapshot.ts";
import { type Dialect, type FamilyForm, formOf } from "./family-form.ts";
import { type LayoutPlan, planLayout } from "./layout-plan.ts";
import { Spelling } from "./spelling.ts";
import { hasValue, roomFor, type Source, writeSeries } from "./write-series.ts";

/** What is remembered is forgotten once it takes more than this: labels come and go. */
const MOST_KEPT_BYTES = 1024 * 1024;
/** The most that the count of what was left out takes, per shard, and the end. */
const MOST_TAIL_BYTES = 512;

const encoder = new TextEncoder();

/** Shown last, so that nothing is left out in silence. */
export const UNEXPOSED: Family = {
  name: "zako_watch_unexposed_series",
  type: "gauge",
  help: "Series left out of this answer because they are not declared, or another shard has their target; 0 is right.",
  labels: [],
};

/** What one answer shows. */
interface Shown {
  /**
   * One snapshot per shard, in the order of the shards; undefined for a shard that gave none, or was not asked. With several
   * shards the prober's own series carry `shard`, since each Monitor has them.
   */
  shards: readonly (Snapshot | undefined)[];
  /** The Alerter's series: there is one of it, so they carry no `shard`. */
  single?: Snapshot | undefined;
  /** Whether the count of what was left out is shown. */
  hasCount: boolean;
}

/** A text that is written while it is sent. */
export interface RenderedText {
  /** It has no more bytes than this. */
  mostBytes: number;
  /** The text in pieces. Written as they are asked for, so that no more than a piece is in memory. */
  pieces(): Pieces;
}

type Pieces = Generator<Uint8Array<ArrayBuffer>, void>;

/** Renders snapshots into the text of one dialect. */
interface Renderer {
  render(shown: Shown): RenderedText;
}

/**
 * A renderer that remembers how names and labels are spelt from one rendering to the next; its output depends on its
 * arguments alone. Families without a sample are left out, and so are columns of families it was not given.
 */
export const createRenderer = (families: readonly Family[], dialect: Dialect): Renderer =>
  new TextRenderer(families, dialect);

class TextRenderer implements Renderer {
  readonly #dialect: Dialect;
  readonly #forms: readonly FamilyForm[];
  readonly #indexOf: ReadonlyMap<string, number>;
  readonly #families: ReadonlyMap<string, Family>;
  /** What stands before the samples of each form. */
  readonly #metadata: readonly Uint8Array[];
  readonly #metadataBytes: number;
  readonly #sizes = new WeakMap<Layout, TextSize>();
  #spelling = new Spelling();

  constructor(families: readonly Family[], dialect: Dialect) {
    this.#dialect = dialect;
    this.#families = new Map(families.filter((f) => !f.name.startsWith("~")).map((f) => [f.name, f]));
    this.#forms = [...this.#families.values()].map((family) => formOf(family, dialect));
    this.#indexOf = new Map(this.#forms.map(({ family }, i) => [family.name, i]));
    this.#metadata = this.#forms.map(({ metadata }) => encoder.encode(metadata));
    this.#metadataBytes = this.#metadata.reduce((sum, { length }) => sum + length, 0);
  }

  render(shown: Shown): RenderedText {
    const { sources, left } = identify(shown);
    const mostBytes = sources.reduce(
      (sum, { block, bounds, identity }) => sum + blockBytes(this.#sizeOf(block.layout, bounds), identity.length),
      this.#metadataBytes + MOST_TAIL_BYTES * (shown.shards.length + 1),
    );
    return { mostBytes, pieces: () => this.#pieces(sources, left, shown) };
  }

  *#pieces(sources: readonly ShardSource[], left: readonly number[], shown: Shown): Pieces {
    if (this.#spelling.buffer.keptBytes > MOST_KEPT_BYTES) this.#spelling = new Spelling();
    const spelling = this.#spelling;
    try {
      const plans = sources.map(({ block }) => this.#planOf(block.layout, spelling));
      yield* this.#bodies(spelling, sources, plans);
      const counts = [...left];
      for (const [i, { unexposed }] of plans.entries()) {
        const { shard } = sources[i] as ShardSource;
        counts[shard] = (counts[shard] ?? 0) + unexposed;
      }
      yield spelling.buffer.take();
      yield this.#tail(counts, shown);
    } catch (error) {
      // What was half written must not come into the next text.
      this.#spelling = new Spelling();
      throw error;
    }
  }

  *#bodies(spelling: Spelling, sources: readonly ShardSource[], plans: readonly LayoutPlan[]): Pieces {
    const { buffer } = spelling;
    for (const [f, form] of this.#forms.entries()) {
      const metadata = this.#metadata[f] as Uint8Array;
      let isAnnounced = false;
      for (const [i, source] of sources.entries())
        for (const part of plans[i]?.parts[f] ?? []) {
          if (!hasValue(form.family, source, part)) continue;
          const text = spelling.textOf(form, part.labels, source.identity.length > 0);
          const room = metadata.length + roomFor(text, source, part);
          if (!buffer.hasRoomFor(room)) yield buffer.take(room);
          if (!isAnnounced) buffer.raw(metadata);
          isAnnounced = true;
          writeSeries(buffer, form.family, text, source, part);
        }
    }
  }

  #tail(counts: readonly number[], { shards, hasCount }: Shown): Uint8Array<ArrayBuffer> {
    const { metadata } = formOf(UNEXPOSED, this.#dialect);
    const lines = counts.flatMap((count, shard) =>
      shards.length > 1
        ? shards[shard] === undefined
          ? []
          : [`${UNEXPOSED.name}{shard="${shard}"} ${count}\n`]
        : [`${UNEXPOSED.name} ${count}\n`],
    );
    const text = hasCount ? metadata + lines.join("") : "";
    return Uint8Array.from(encoder.encode(`${text}${this.#dialect.openMetrics ? "# EOF\n" : ""}`));
  }

  #planOf(layout: Layout, { plans }: Spelling): LayoutPlan {
    let plan = plans.get(layout);
    if (plan === undefined) {
      plan = planLayout(layout, this.#forms, this.#indexOf, this.#dialect.openMetrics);
      plans.set(layout, plan);
    }
    return plan;
  }

  #sizeOf(layout: Layout, bounds: Source["bounds"]): TextSize {
    let size = this.#sizes.get(layout);
    if (size === undefined) {
      size = layoutSize(layout, this.#families, bounds, this.#dialect.created);
      this.#sizes.set(layout, size);
    }
    return size;
  }
}

/** A block, and the shard that has it. */
interface ShardSource extends Source {
  shard: number;
}

/**
 * Blocks by the label that tells them apart. Of two with the same the first stays: a series may be printed only once. `left`
 * counts what is left out, by shard.
 */
function identify({ shards, single }: Shown): { sources: ShardSource[]; left: number[] } {
  const sources = new Map<string, ShardSource>();
  const left = shards.map(() => 0);
  for (const [shard, snapshot] of shards.entries())
    for (const block of snapshot?.blocks ?? []) {
      const own = shards.length > 1 ? `shard="${shard}"` : "";
      const identity = block.target === "" ? own : `target="${escapeLabelValue(block.target.toWellFormed())}"`;
      if (sources.has(identity) || block.values.length < block.layout.size)
        left[shard] = (left[shard] ?? 0) + block.layout.columns.filter((c) => !c.family.startsWith("~")).length;
      else sources.set(identity, { block, shard, identity: encoder.encode(identity), bounds: snapshot?.bounds ?? {} });
    }
  const ofAlerter = (single?.blocks ?? []).map(
    (block): ShardSource => ({ block, shard: 0, identity: new Uint8Array(), bounds: {} }),
  );
  return { sources: [...sources.values(), ...ofAlerter], left };
}
