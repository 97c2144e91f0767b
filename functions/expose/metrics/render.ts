import { escapeLabelValue } from "../../lib/label-escape.ts";
import type { Family } from "../../model/metric.ts";
import type { Block, Layout, Snapshot } from "../../model/snapshot.ts";
import { Page } from "./byte-page.ts";
import { type Dialect, type FamilyForm, formOf } from "./family-form.ts";
import { type LayoutPlan, planLayout, sameLayout } from "./layout-plan.ts";
import { type Source, writeSeries } from "./write-series.ts";

/** Heads of blocks that are gone are swept once they take more than this and more than those in use. */
const SWEEP_BYTES = 1024 * 1024;
/** What a remembered block costs besides its heads, roughly. */
const BLOCK_BYTES = 256;

/** Shown last, so that nothing is left out in silence. */
const UNEXPOSED: Family = {
  name: "zako_watch_unexposed_series",
  type: "gauge",
  help: "Series left out of this answer because they are not declared, or another shard has their target; 0 is right.",
  labels: [],
};

/** A block's series in this dialect: what it shows, and where its line heads stand in the page. */
interface Printed {
  plan: LayoutPlan;
  starts: Uint32Array;
}

/** Renders snapshots into the text of one dialect. */
interface Renderer {
  /**
   * One snapshot per shard, in the order of the shards; undefined for a shard that gave none. With several shards the
   * prober's own series carry `shard`, since each Monitor has them; those of `single` do not, since there is one of it.
   */
  render(snapshots: readonly (Snapshot | undefined)[], single?: Snapshot): Uint8Array<ArrayBuffer>;
}

/**
 * A renderer that remembers what stands before the values from one rendering to the next; its output depends on its
 * arguments alone. Families without a sample are left out, and so are columns of families it was not given.
 */
export const createRenderer = (families: readonly Family[], dialect: Dialect): Renderer =>
  new TextRenderer(families, dialect);

class TextRenderer implements Renderer {
  readonly #dialect: Dialect;
  readonly #forms: readonly FamilyForm[];
  readonly #unexposed: FamilyForm;
  readonly #encoder = new TextEncoder();
  /** What stands before the samples of each form. */
  readonly #metadata: readonly Uint8Array[];
  readonly #metadataBytes: number;
  readonly #page = new Page();
  readonly #plans = new WeakMap<Layout, LayoutPlan>();
  #printed = new Map<string, Printed>();

  constructor(families: readonly Family[], dialect: Dialect) {
    const shown = new Map(families.filter((f) => !f.name.startsWith("~")).map((f) => [f.name, f]));
    this.#dialect = dialect;
    this.#forms = [...shown.values()].map((family) => formOf(family, dialect));
    this.#unexposed = formOf(UNEXPOSED, dialect);
    this.#metadata = this.#forms.map((form) => this.#encoder.encode(form.metadata));
    this.#metadataBytes = total(this.#metadata, (m) => m.length);
  }

  render(snapshots: readonly (Snapshot | undefined)[], single?: Snapshot): Uint8Array<ArrayBuffer> {
    const { blocks, unexposed } = identify(snapshots);
    let sources = this.#sourcesOf(blocks, single);
    if (this.#sweep(total(sources, (s) => headBytes(s) + BLOCK_BYTES))) sources = this.#sourcesOf(blocks, single);
    const tail = this.#tail(unexposed + total(sources, (s) => s.plan.unexposed));
    this.#page.begin({
      bytes: this.#metadataBytes + tail.length + total(sources, headBytes),
      lines: total(sources, (s) => s.plan.lines),
      exemplars: total(sources, (s) => s.plan.exemplars),
    });
    this.#writeFamilies(sources);
    this.#page.raw(tail);
    return this.#page.finish();
  }

  #writeFamilies(sources: readonly (Printed & Source)[]): void {
    const page = this.#page;
    for (const [f, { family, lines }] of this.#forms.entries()) {
      const start = page.end;
      page.raw(this.#metadata[f] as Uint8Array);
      const empty = page.end;
      for (const source of sources) {
        let line = source.plan.firstLine[f] as number;
        for (const part of source.plan.parts[f] ?? []) {
          writeSeries(page, family, source, part, line, lines);
          line += lines;
        }
      }
      if (page.end === empty) page.rewind(start);
    }
  }

  #tail(unexposed: number): Uint8Array {
    const { metadata, heads } = this.#unexposed;
    return this.#encoder.encode(
      `${metadata}${heads("")[0]}${unexposed}\n${this.#dialect.openMetrics ? "# EOF\n" : ""}`,
    );
  }

  #sourcesOf(blocks: ReadonlyMap<string, Block>, single: Snapshot | undefined): (Printed & Source)[] {
    return [
      ...[...blocks].map(([identity, block]) => ({ block, ...this.#print(block, identity, identity) })),
      ...(single?.blocks ?? []).map((block, i) => ({ block, ...this.#print(block, `single ${i}`, "") })),
    ];
  }

  #print(block: Block, key: string, identity: string): Printed {
    const before = this.#printed.get(key);
    const plan = this.#planOf(block.layout, before);
    if (before?.plan === plan) return before;
    const heads = this.#forms.flatMap((form, f) =>
      (plan.parts[f] ?? []).flatMap((part) => form.heads(join(identity, part.labels))),
    );
    const now = { plan, starts: this.#page.keep(heads) };
    this.#printed.set(key, now);
    return now;
  }

  #planOf(layout: Layout, before: Printed | undefined): LayoutPlan {
    let plan = this.#plans.get(layout);
    if (plan === undefined) {
      const known = before !== undefined && sameLayout(before.plan.layout, layout);
      plan = known ? before.plan : planLayout(layout, this.#forms, this.#dialect.openMetrics);
      this.#plans.set(layout, plan);
    }
    return plan;
  }

  /** Forgets all heads where those of blocks that are gone take too much; answers whether it did. */
  #sweep(inUse: number): boolean {
    const all = this.#page.headBytes + this.#printed.size * BLOCK_BYTES;
    if (all <= SWEEP_BYTES + 2 * inUse) return false;
    this.#page.clear();
    this.#printed = new Map();
    return true;
  }
}

const total = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((sum, one) => sum + of(one), 0);

const headBytes = ({ starts }: Printed): number => (starts.at(-1) as number) - (starts[0] as number);

const join = (a: string, b: string): string => (a === "" || b === "" ? a + b : `${a},${b}`);

/** Blocks by the label that tells them apart. Of two with the same the first stays: a series may be printed only once. */
function identify(snapshots: readonly (Snapshot | undefined)[]): { blocks: Map<string, Block>; unexposed: number } {
  const blocks = new Map<string, Block>();
  let unexposed = 0;
  for (const [shard, snapshot] of snapshots.entries())
    for (const block of snapshot?.blocks ?? []) {
      const own = snapshots.length > 1 ? `shard="${shard}"` : "";
      const identity = block.target === "" ? own : `target="${escapeLabelValue(block.target.toWellFormed())}"`;
      if (blocks.has(identity) || block.values.length < block.layout.size)
        unexposed += block.layout.columns.filter((c) => !c.family.startsWith("~")).length;
      else blocks.set(identity, block);
    }
  return { blocks, unexposed };
}
