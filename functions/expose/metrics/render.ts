import { escapeLabelValue } from "../../lib/label-escape.ts";
import type { Family } from "../../model/metric.ts";
import type { Block, Layout, Snapshot } from "../../model/snapshot.ts";
import { Page } from "./byte-page.ts";
import { type Dialect, formOf } from "./family-form.ts";
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
export interface Renderer {
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
export function createRenderer(families: readonly Family[], dialect: Dialect): Renderer {
  const shown = new Map(families.filter((f) => !f.name.startsWith("~")).map((f) => [f.name, f]));
  const forms = [...shown.values()].map((family) => formOf(family, dialect));
  const unexposedForm = formOf(UNEXPOSED, dialect);
  const encoder = new TextEncoder();
  const metadata = forms.map((form) => encoder.encode(form.metadata));
  const metadataBytes = metadata.reduce((sum, m) => sum + m.length, 0);
  const page = new Page();
  const plans = new WeakMap<Layout, LayoutPlan>();
  let printed = new Map<string, Printed>();

  const planOf = (layout: Layout, before: Printed | undefined): LayoutPlan => {
    let plan = plans.get(layout);
    if (plan === undefined) {
      const known = before !== undefined && sameLayout(before.plan.layout, layout);
      plan = known ? before.plan : planLayout(layout, forms, dialect.openMetrics);
      plans.set(layout, plan);
    }
    return plan;
  };

  const print = (block: Block, key: string, identity: string): Printed => {
    const before = printed.get(key);
    const plan = planOf(block.layout, before);
    if (before?.plan === plan) return before;
    const heads = forms.flatMap((form, f) =>
      (plan.parts[f] ?? []).flatMap((part) => form.heads(join(identity, part.labels))),
    );
    const now = { plan, starts: page.keep(heads) };
    printed.set(key, now);
    return now;
  };

  const sweep = (inUse: number): boolean => {
    const all = page.headBytes + printed.size * BLOCK_BYTES;
    if (all <= SWEEP_BYTES + 2 * inUse) return false;
    page.clear();
    printed = new Map();
    return true;
  };

  return {
    render(snapshots, single) {
      const { blocks, unexposed } = identify(snapshots);
      const printAll = (): (Printed & Source)[] => [
        ...[...blocks].map(([identity, block]) => ({ block, ...print(block, identity, identity) })),
        ...(single?.blocks ?? []).map((block, i) => ({ block, ...print(block, `single ${i}`, "") })),
      ];
      let sources = printAll();
      if (sweep(total(sources, (s) => headBytes(s) + BLOCK_BYTES))) sources = printAll();

      const tail = encoder.encode(
        `${unexposedForm.metadata}${unexposedForm.heads("")[0]}` +
          `${unexposed + total(sources, (s) => s.plan.unexposed)}\n${dialect.openMetrics ? "# EOF\n" : ""}`,
      );
      page.begin({
        bytes: metadataBytes + tail.length + total(sources, headBytes),
        lines: total(sources, (s) => s.plan.lines),
        exemplars: total(sources, (s) => s.plan.exemplars),
      });
      for (const [f, { family, lines }] of forms.entries()) {
        const start = page.end;
        page.raw(metadata[f] as Uint8Array);
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
      page.raw(tail);
      return page.finish();
    },
  };
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
