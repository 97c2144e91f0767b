/**
 * A series of a target: its family, its printed labels except `target` (`probe="health",vantage="local"`, values
 * escaped), and the offset of its numbers in the block. Widths: 1 for counters, gauges and statesets (index of the
 * state); bounds + 2 for histograms: a count per bucket (not cumulative), the count above the last bound, the sum.
 * NaN in a gauge or stateset means no value yet; such a series is not exposed.
 */
export interface Column {
  family: string;
  labels: string;
  offset: number;
  width: number;
}

/** The columns of a target. Targets with the same series share one object. */
export interface Layout {
  columns: readonly Column[];
  /** Count of numbers in a block of this layout. */
  size: number;
}

/** All numbers of one target. The target `""` is the prober itself: its series have no `target` label. */
export interface Block {
  target: string;
  layout: Layout;
  values: Float64Array;
  /** Start of the target's series, epoch ms. */
  createdAt: number;
  /** Start of columns that were added later, by index in the layout. */
  createdLater: ReadonlyMap<number, number>;
}

/** A Monitor's numbers at one commit. Families whose name starts with `~` are internal and never exposed. */
export interface Snapshot {
  /** Changes with every commit; equal versions mean equal numbers. */
  version: string;
  blocks: readonly Block[];
  /** Histograms that are shown with some of their buckets, as in `Exposed`; absent: none. */
  bounds?: Readonly<Record<string, readonly number[]>>;
}

/**
 * Internal family with the latest traced run of a (target, probe), for exemplars: four 32-bit parts of the trace id, the
 * run's duration in seconds, its end in epoch ms.
 */
export const EXEMPLAR_FAMILY = "~exemplar";
